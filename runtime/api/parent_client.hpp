#pragma once

#include "actors/identity/identities.hpp"
#include "runtime/http/client.hpp"
#include "runtime/net/io_loop.hpp"

#include <functional>
#include <string>

namespace tidegate {

/// Where the parent's REST calls are, and as whom this gateway makes them.
struct parent_access {
  http::endpoint server;
  std::string hub_host; ///< the host that tokens are for
  identity_id edge;     ///< this gateway's device
  std::string key;      ///< its key, base64
};

/// The parent's REST calls for an edge device, with the edge device's own
/// credential; a token is minted for each. Any thread.
class parent_client : public scope_source {
public:
  parent_client(io_loop& loop, parent_access access)
    : loop_{loop}, access_{std::move(access)} {}

  void fetch(const identity_id& id, caf::actor who) override;

  /// The identity of one of this device's own modules, made if there is none.
  /// `done` runs on the loop's thread. Errors: `ec::unavailable` when the
  /// parent cannot be reached, `ec::refused` with its answer otherwise.
  void ensure_module(const std::string& module,
                     std::function<void(caf::expected<identity>)> done);

private:
  void call(std::string method, std::string target, std::string body,
            std::function<void(caf::expected<http::response>)> done);

  io_loop& loop_;
  parent_access access_;
};

} // namespace tidegate
