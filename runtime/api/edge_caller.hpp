#pragma once

#include "actors/identity/identities.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/http/responder.hpp"

#include <functional>
#include <string>

namespace tidegate {

/// Checks who makes a registry call.
class edge_caller {
public:
  edge_caller(identities_actor identities, actor_bridge actors)
    : identities_{std::move(identities)}, actors_{std::move(actors)} {}

  /// Calls `then` when the request carries a token of the edge device `edge`,
  /// or of its hub or agent module; answers 401 otherwise.
  void check(const http::request& asked, const std::string& edge,
             const http::responder& answer, std::function<void()> then) const;

  /// Calls `then` when the request carries a token of the hub module of
  /// `edge`, and `edge` is `target`'s device or stands above it; answers 401
  /// otherwise (edge-hub spec 12.1).
  void check_on_behalf(const http::request& asked, const std::string& edge,
                       const std::string& target, const http::responder& answer,
                       std::function<void()> then) const;

private:
  void check_token(const http::request& asked, const std::string& edge,
                   bool only_hub, const http::responder& answer,
                   std::function<void()> then) const;

  identities_actor identities_;
  actor_bridge actors_;
};

} // namespace tidegate
