#include "actors/uplink/parent_connection.hpp"

#include "actors/uplink/given_up.hpp"

#include <algorithm>

namespace tidegate {

session_end parent_connection::end_of(bool by_parent) const {
  session_end how;
  how.by_parent = by_parent && ready_;
  how.taken = shared_.taken;
  std::optional<event_sender::sent_first> oldest;
  for (const auto& [id, entry] : senders_)
    if (const auto first = entry->sender.first();
        first && (!oldest || first->at < oldest->at))
      oldest = first;
  if (oldest)
    how.first = oldest->message;
  if (trial_)
    trial_->describe(how, now());
  return how;
}

bool parent_connection::nothing_is_on_its_way() const {
  return std::ranges::all_of(
    senders_, [](const auto& known) { return known.second->sender.idle(); });
}

/// The suspect is done with.
void parent_connection::tell_trial_over(bool given_up) {
  if (!std::exchange(trial_told_, true))
    trial_over_ = given_up;
}

/// What was kept back behind the suspect goes on.
void parent_connection::end_trial(bool given_up) {
  const auto behind = trial_->leave();
  trial_.reset();
  shared_.batches = takes_batches_;
  tell_trial_over(given_up);
  for (const auto& [route, records] : behind)
    take(route, records);
}

/// Goes on with a trial as far as the parent's answers allow.
void parent_connection::go_on_with_trial() {
  if (!trial_ || failure_ || !nothing_is_on_its_way())
    return;
  if (trial_->sent())
    tell_trial_over(false);
  if (trial_->probing())
    trial_->probed(shared_.copies_taken > copies_before_);
  switch (trial_->next(now())) {
  case poison_trial::step::wait:
    return;
  case poison_trial::step::over:
    return end_trial(false);
  case poison_trial::step::probe: {
    const auto& copy = trial_->probe();
    copies_before_ = shared_.copies_taken;
    auto& entry = entry_of(copy.data->head(copy.at)->sender);
    entry.sender.take_copy(copy, now());
    return list(entry);
  }
  case poison_trial::step::send: {
    const auto& [route, records] = trial_->records();
    return take(route, records);
  }
  case poison_trial::step::give_up: {
    const auto& [route, records] = trial_->records();
    shared_.answers.add(route, records.lane, records.block.first + records.from,
                        1, delivery_result::poison);
    tell_given_up(*context_.meters, {records.block.data, records.from},
                  "ends_connections");
    return end_trial(true);
  }
  }
}

} // namespace tidegate
