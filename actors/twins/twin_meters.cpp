#include "actors/twins/twin_meters.hpp"

#include "actors/log.hpp"
#include "messages/error_text.hpp"

namespace tidegate {

namespace {

/// Past this many identities the pointers are looked up anew.
constexpr std::size_t most_known = 10'000;

constexpr const char* sides[] = {"edge_hub", "upstream"};

} // namespace

twin_meters::known& twin_meters::of(const identity_id& id) {
  if (known_.size() >= most_known)
    known_.clear();
  const auto [found, fresh] = known_.try_emplace(id);
  if (!fresh)
    return found->second;
  const auto fill
    = [&](pair(&pairs)[2], const std::string& side_label, const char* counter,
          const char* counts, const char* summary, const char* times) {
        for (int side = 0; side < 2; ++side) {
          prometheus::Labels labels{{side_label, sides[side]},
                                    {"id", to_string(id)}};
          pairs[side].time = &all_->summary(summary, times, labels);
          labels.emplace("ms_telemetry", "True");
          pairs[side].count = &all_->counter(counter, counts, labels);
        }
      };
  fill(found->second.got, "source", "edgehub_gettwin_total",
       "Twins that were asked for", "edgehub_gettwin_duration_seconds",
       "Time to answer with a twin");
  fill(found->second.reported, "target", "edgehub_reported_properties_total",
       "Changes of reported properties",
       "edgehub_reported_properties_update_duration_seconds",
       "Time to take a change of reported properties");
  return found->second;
}

void twin_meters::got(const identity_id& id, twin_side source, duration took) {
  auto& [count, time] = of(id).got[static_cast<int>(source)];
  count->Increment();
  time->Observe(took.count());
}

void twin_meters::reported(const identity_id& id, twin_side target,
                           duration took) {
  auto& [count, time] = of(id).reported[static_cast<int>(target)];
  count->Increment();
  time->Observe(took.count());
}

void twin_meters::unreadable(const identity_id& id,
                             const caf::error& why) const {
  log::error("twins", "a stored twin cannot be read",
             {{"id", to_string(id)}, {"reason", error_text(why)}});
  all_
    ->counter("tidegate_twins_unreadable_total",
              "Times a stored twin could not be read.")
    .Increment();
}

} // namespace tidegate
