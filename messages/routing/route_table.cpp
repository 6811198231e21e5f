#include "messages/routing/route_table.hpp"

#include "messages/routing/evaluate.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace tidegate::routing {

namespace {

constexpr std::uint32_t no_endpoint = ~std::uint32_t{0};

} // namespace

route_table::route_table(std::vector<route_spec> routes,
                         std::chrono::seconds global_time_to_live,
                         std::string edge_device, on_full global_full)
  : routes_{std::move(routes)}, edge_device_{std::move(edge_device)} {
  std::unordered_map<std::string_view, std::uint32_t> endpoints;
  std::map<body_path, std::uint32_t> queries;
  for (std::uint32_t i = 0; i < routes_.size(); ++i) {
    auto& spec = routes_[i];
    spec.compiled.filter.number_queries(queries);
    const auto [place, added]
      = endpoints.try_emplace(spec.compiled.into.endpoint,
                              static_cast<std::uint32_t>(endpoints.size()));
    const auto life
      = spec.time_to_live.count() > 0 ? spec.time_to_live : global_time_to_live;
    entries_.push_back({{0, i, spec.priority, life}, place->second});
  }
  std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.endpoint, a.match.priority, a.match.route)
           < std::tie(b.endpoint, b.match.priority, b.match.route);
  });
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    auto& match = entries_[i].match;
    const auto& spec = routes_[match.route];
    match.sink = sink_index({spec.compiled.into.endpoint, match.priority,
                             spec.full.value_or(global_full)});
    sources_.add(spec.compiled.source, i);
  }
}

std::uint32_t route_table::sink_index(lane_key key) {
  // Entries of one endpoint and priority stand together.
  for (auto i = sinks_.size(); i-- > 0 && sinks_[i].sink == key.sink
                               && sinks_[i].priority == key.priority;)
    if (sinks_[i].full == key.full)
      return static_cast<std::uint32_t>(i);
  sinks_.push_back(std::move(key));
  return static_cast<std::uint32_t>(sinks_.size() - 1);
}

plan route_table::plan_for(const message_head& head, scratch& memory) const {
  plan result;
  message_view any{head, edge_device_, memory};
  auto settled = no_endpoint;
  for (const auto index : sources_.find(message_source(head))) {
    const auto& [match, endpoint] = entries_[index];
    if (endpoint == settled)
      continue;
    const bool matched = matches(filter(match.route), any);
    if (any.take_incomplete()) {
      result.open_.push_back({match, endpoint, true});
      continue;
    }
    if (!matched)
      continue;
    settled = endpoint;
    // Behind a route that a message may still take, it is the last resort.
    if (!result.open_.empty() && result.open_.back().endpoint == endpoint)
      result.open_.push_back({match, endpoint, false});
    else
      result.settled_.push_back(match);
  }
  return result;
}

void route_table::resolve(const plan& known, const message_head& head,
                          std::string_view payload, scratch& memory,
                          std::vector<route_match>& out) const {
  out.insert(out.end(), known.settled_.begin(), known.settled_.end());
  if (known.is_final())
    return;
  message_view message{head, payload, edge_device_, memory};
  auto settled = no_endpoint;
  for (const auto& [match, endpoint, conditional] : known.open_) {
    if (endpoint == settled)
      continue;
    if (conditional && !matches(filter(match.route), message))
      continue;
    settled = endpoint;
    out.push_back(match);
  }
}

} // namespace tidegate::routing
