#include "actors/uplink/poison_watch.hpp"

#include <algorithm>

namespace tidegate {

void poison_watch::suspect(const std::optional<sent_message>& next) {
  suspect_ = next;
  ends_ = unproved_ = probes_lost_ = trials_ = 0;
}

void poison_watch::ended(const session_end& how) {
  if (how.taken)
    taken_ = how.taken;
  if (how.probe_lost) {
    trials_ = 0;
    ++probes_lost_;
    taken_.reset(); // it may be one that is not taken any more
  }
  if (!how.by_parent || !how.first)
    return;
  if (!suspect_ || !suspect_->is(how.first->lane, how.first->offset)) {
    suspect(how.first);
    ends_ = how.tried_alone ? ends_until_trial : 0;
  }
  if (how.tried_alone)
    ++trials_;
  else if (how.alone_unproved)
    ++unproved_;
  else
    ++ends_;
}

void poison_watch::settled(bool given_up) {
  if (!suspect_)
    return;
  if (given_up)
    too_large_ = std::min(too_large_.value_or(suspect_->size), suspect_->size);
  else if (is_large())
    too_large_.reset();
  suspect(std::nullopt);
}

std::optional<trial_order> poison_watch::order() const {
  if (!suspect_ || ends_ < ends_needed())
    return std::nullopt;
  trial_order made{*suspect_, trials_ >= trials_needed(), taken_, {}};
  if (!taken_ && unproved_ >= ends_until_trial)
    made.from_behind = probes_lost_;
  return made;
}

} // namespace tidegate
