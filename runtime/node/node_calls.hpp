#pragma once

#include "runtime/api/metrics_page.hpp"
#include "runtime/api/module_details.hpp"
#include "runtime/api/parent_client.hpp"
#include "runtime/api/policy_book.hpp"
#include "runtime/engines/module_engine.hpp"
#include "runtime/http/router.hpp"
#include "runtime/node/core.hpp"

#include <memory>
#include <vector>

namespace tidegate {

/// What a node answers over HTTP. Called on the loop's thread.
class node_calls {
public:
  struct context {
    core_parts parts;
    std::shared_ptr<const node_core> core;
    caf::actor root;                       ///< the root supervisor
    std::shared_ptr<policy_book> policies; ///< null at a gateway
    std::shared_ptr<parent_client> parent; ///< null at a hub
    std::shared_ptr<module_engine> engine;
  };

  explicit node_calls(context with) : with_{std::move(with)} {}

  /// Of devices, edge hubs and modules; and of services, at a hub.
  http::handler rest();
  /// Of Prometheus.
  http::handler metrics();
  /// Of operators.
  http::handler management();
  /// Of tools that know IoT Edge's daemon.
  http::handler tools();

  module_directory modules() const;

  /// Forgets everything: calls that wait hold no actors from here on.
  void close();

private:
  std::shared_ptr<http::router> new_router(unsigned wrong_method = 405);
  std::shared_ptr<http::router> service_calls();
  actor_bridge bridge() const { return actor_bridge{with_.core->bridge}; }

  context with_;
  std::vector<std::shared_ptr<http::router>> routers_;
  std::shared_ptr<metrics_page> page_; ///< of metrics
};

} // namespace tidegate
