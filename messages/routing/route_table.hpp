#pragma once

#include "messages/lane.hpp"
#include "messages/message_head.hpp"
#include "messages/routing/plan.hpp"
#include "messages/routing/route_spec.hpp"
#include "messages/routing/scratch.hpp"
#include "messages/routing/source_index.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// All routes in force, compiled. Immutable: share it between threads as
/// `std::shared_ptr<const route_table>`. Routing a message takes two steps,
/// because clients repeat the same head: `plan_for` once per head, and
/// `resolve` per message only for a plan that is not final.
class route_table {
public:
  /// `global_time_to_live` is for routes without their own: negative never
  /// expires, 0 expires at once; so is `global_full`. `edge_device` is the
  /// device that this node is. Fails never: the routes have been checked when
  /// they were read.
  route_table(std::vector<route_spec> routes,
              std::chrono::seconds global_time_to_live, std::string edge_device,
              on_full global_full = on_full::reject);

  /// The routes in the order given.
  const std::vector<route_spec>& routes() const { return routes_; }
  /// What routes lead to: one lane each, none twice. An endpoint's sinks stand
  /// together, the highest priority first. Routes of one endpoint and priority
  /// have a sink for each way they treat a full store.
  const std::vector<lane_key>& sinks() const { return sinks_; }

  /// What `head` alone tells (edge-hub spec 4.9). Of an endpoint's routes that
  /// match, the one with the lowest priority number counts; among equals the
  /// one that is listed first.
  plan plan_for(const message_head& head, scratch& memory) const;

  /// Appends to `out` where one message goes: all of the plan's matches, and
  /// what its payload decides. `known` must be this table's, made for `head`.
  void resolve(const plan& known, const message_head& head,
               std::string_view payload, scratch& memory,
               std::vector<route_match>& out) const;

private:
  /// A route where it stands in the order of evaluation.
  struct entry {
    route_match match;
    std::uint32_t endpoint = 0;
  };

  /// The place of `key` in `sinks_`, where it is added if it is new.
  std::uint32_t sink_index(lane_key key);

  const condition& filter(std::uint32_t route) const {
    return routes_[route].compiled.filter;
  }

  std::vector<route_spec> routes_;
  std::string edge_device_;
  std::vector<lane_key> sinks_;
  std::vector<entry> entries_; ///< by endpoint, priority, place in the list
  source_index sources_;       ///< of entries
};

} // namespace tidegate::routing
