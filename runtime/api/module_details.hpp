#pragma once

#include "actors/modules/module_status.hpp"
#include "messages/deployment/module_spec.hpp"
#include "runtime/api/actor_bridge.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// A module as IoT Edge's daemon tells of it (edge-agent spec 6.1,
/// `ModuleDetails`).
boost::json::object module_details(const module_status& of,
                                   deployment::engine_kind engine);

/// Tells of modules. `root` supervises the node.
class module_directory {
public:
  module_directory(caf::actor root, actor_bridge actors,
                   deployment::engine_kind engine)
    : root_{std::move(root)}, actors_{std::move(actors)}, engine_{engine} {}

  /// Answers with `{"modules": [...]}`.
  void list(const http::responder& answer) const;

  /// Answers with one module, or 404.
  void one(const std::string& name, const http::responder& answer) const;

  /// Calls back with this child of the node; when it is not there, answers
  /// with why.
  void with_child(std::string name, const http::responder& answer,
                  std::function<void(const caf::actor&)> then) const;

  /// `with_child` of the agent.
  void with_agent(const http::responder& answer,
                  std::function<void(const caf::actor&)> then) const {
    with_child("modules", answer, std::move(then));
  }

  const actor_bridge& actors() const { return actors_; }

private:
  using statuses = std::vector<module_status>;

  void with_all(const http::responder& answer,
                std::function<void(const statuses&)> then) const;

  caf::actor root_;
  actor_bridge actors_;
  deployment::engine_kind engine_;
};

/// "Never" is told as the earliest time there is (edge-agent spec 2.1).
std::string module_time(wall_milliseconds at);

} // namespace tidegate
