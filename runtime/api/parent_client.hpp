#pragma once

#include "actors/identity/scope_source.hpp"
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

/// One call, as it goes to the parent.
struct parent_call {
  std::string method = "GET";
  std::string target; ///< path and query, percent-encoded
  std::string body;
  std::string if_match; ///< empty: no such header
  std::chrono::milliseconds timeout{15'000};
};

/// The parent's REST calls for an edge device, with the edge device's own
/// credential; a token is minted for each. Any thread. Answers come on the
/// loop's thread.
class parent_client : public scope_source {
public:
  using answered = std::function<void(const caf::expected<http::response>&)>;

  parent_client(io_loop& loop, parent_access access)
    : loop_{loop}, access_{std::move(access)} {}

  void fetch(const identity_id& id, caf::actor who) override;
  void fetch_all(caf::actor who) override;
  void await_news(const std::string& revision, caf::actor who) override;

  /// The identity of one of this device's own modules, made if there is none.
  /// Errors: `ec::unavailable` when the parent cannot be reached, `ec::refused`
  /// with its answer otherwise.
  void ensure_module(const std::string& module,
                     std::function<void(caf::expected<identity>)> done);

  /// Makes a call on behalf of an edge device below (edge-hub spec 12.1):
  /// `name` is `putModuleOnBehalfOf` and so on; `what` brings the rest. Passes
  /// the parent's answer on as it is.
  void call_on_behalf(const std::string& name, parent_call what, answered done);

  const identity_id& edge() const { return access_.edge; }

private:
  /// As `$edgeHub`, which alone may ask about others.
  void call_as_hub(parent_call what, answered done);
  void call(const identity_id& as, parent_call what, answered done);
  std::string edge_path() const;

  io_loop& loop_;
  parent_access access_;
};

} // namespace tidegate
