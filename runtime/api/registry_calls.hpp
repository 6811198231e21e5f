#pragma once

#include "actors/identity/identities.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/parent_client.hpp"
#include "runtime/http/responder.hpp"

#include <boost/json/object.hpp>
#include <memory>
#include <string>

namespace tidegate {

http::response json_response(const boost::json::value& value);

/// The etag that the request expects, without its quotes; `*` stands for any.
std::string if_match_of(const http::request& asked);

/// The registry as services use it, and edge devices for modules, their own or
/// those of the edge devices behind them. A hub answers itself. A gateway
/// passes on to its parent, with the chain from the target to itself (edge-hub
/// spec 12.1), and learns from the answers. Who asks has been checked before.
class registry_calls {
public:
  registry_calls(identities_actor identities, actor_bridge actors,
                 std::shared_ptr<parent_client> parent,
                 error_teller tell = tell_plain_error)
    : identities_{std::move(identities)}, actors_{std::move(actors)},
      parent_{std::move(parent)}, tell_{std::move(tell)} {}

  void get(const identity_id& id, const http::responder& answer) const;

  /// Creates the identity, or replaces it when `if_match` says so.
  void put(const identity_id& id, boost::json::object document,
           const std::string& if_match, const http::responder& answer) const;

  void remove(const identity_id& id, const std::string& if_match,
              const http::responder& answer) const;

  /// The modules of a device.
  void list(const std::string& device, const http::responder& answer) const;

  /// The device of `id` and, if `id` is a module, that, when `edge` may act
  /// for them; as new as the authority has them.
  void send_device_and_module(const identity_id& id, const std::string& edge,
                              const http::responder& answer) const;

private:
  void put_here(const identity_id& id, const boost::json::object& document,
                const std::string& if_match,
                const http::responder& answer) const;
  void relay(const std::string& name, const std::string& device,
             boost::json::object body, const std::string& if_match,
             std::function<void(const http::response&)> learn,
             const http::responder& answer) const;

  identities_actor identities_;
  actor_bridge actors_;
  std::shared_ptr<parent_client> parent_;
  error_teller tell_;
};

} // namespace tidegate
