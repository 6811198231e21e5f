#include "messages/twin/client_list.hpp"

#include "messages/twin/property_name.hpp"

#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

json::object document_of(bool connected, const std::string& came,
                         const std::string& went) {
  json::object made{{"status", connected ? "Connected" : "Disconnected"}};
  if (!came.empty())
    made["lastConnectedTimeUtc"] = came;
  if (!went.empty())
    made["lastDisconnectedTimeUtc"] = went;
  return made;
}

} // namespace

/// At most, as text, with what stands between members.
std::size_t client_list::size_of(const entry& one) {
  constexpr std::size_t around
    = sizeof R"("":{"status":"Disconnected","lastConnectedTimeUtc":"",)"
             R"("lastDisconnectedTimeUtc":""},)";
  constexpr std::size_t times = 2 * sizeof "2026-01-02T03:04:05.6789012Z";
  return one.name.size() + around + times;
}

client_list::entries& client_list::list_of(const entry& one) {
  if (one.shown)
    return one.connected ? shown_connected_ : shown_gone_;
  return one.connected ? hidden_connected_ : hidden_gone_;
}

void client_list::mark(entry& one) {
  if (!std::exchange(one.dirty, true))
    dirty_.push_back(one.id);
}

/// Takes it out of its list, and puts it at an end of the right one.
void client_list::move(place one, bool shown, bool first) {
  auto& from = list_of(*one);
  if (one->shown != shown) {
    one->shown = shown;
    used_ = shown ? used_ + size_of(*one) : used_ - size_of(*one);
    mark(*one);
  }
  auto& to = list_of(*one);
  to.splice(first ? to.begin() : to.end(), from, one);
}

/// It comes first, and others make room.
void client_list::show(place one) {
  mark(*one);
  move(one, true, true);
  while (used_ > room_) {
    auto& from = shown_gone_.empty() ? shown_connected_ : shown_gone_;
    move(std::prev(from.end()), false, true);
  }
}

/// Room is used by those that have waited for it.
void client_list::fill() {
  while (!hidden_connected_.empty()) {
    const auto next = hidden_connected_.begin();
    if (used_ + size_of(*next) <= room_)
      move(next, true, false);
    else if (!shown_gone_.empty())
      move(std::prev(shown_gone_.end()), false, true);
    else
      return;
  }
  while (!hidden_gone_.empty()
         && used_ + size_of(hidden_gone_.front()) <= room_)
    move(hidden_gone_.begin(), true, false);
}

void client_list::connected(const identity_id& client, const std::string& now) {
  auto found = known_.find(client);
  if (found == known_.end()) {
    entry made;
    made.id = client;
    made.name = property_name(to_string(client));
    made.connected = true;
    hidden_connected_.push_front(std::move(made));
    found = known_.emplace(client, hidden_connected_.begin()).first;
  }
  const auto one = found->second;
  auto& from = list_of(*one);
  one->connected = true;
  one->came = now;
  auto& to = list_of(*one);
  to.splice(to.begin(), from, one);
  show(one);
}

void client_list::disconnected(const identity_id& client,
                               const std::string& now) {
  const auto found = known_.find(client);
  if (found == known_.end())
    return;
  const auto one = found->second;
  auto& from = list_of(*one);
  if (client.is_module()) {
    one->connected = false;
    one->went = now;
    auto& to = list_of(*one);
    to.splice(to.begin(), from, one);
    show(one);
  } else {
    if (one->reported)
      gone_.push_back(one->name);
    used_ -= one->shown ? size_of(*one) : 0;
    from.erase(one);
    known_.erase(found);
  }
  fill();
}

boost::json::object client_list::take_changes() {
  json::object changes;
  for (const auto& name : std::exchange(gone_, {}))
    changes[name] = nullptr;
  for (const auto& id : std::exchange(dirty_, {})) {
    const auto found = known_.find(id);
    if (found == known_.end())
      continue;
    auto& one = *found->second;
    one.dirty = false;
    if (one.shown)
      changes[one.name] = document_of(one.connected, one.came, one.went);
    else if (one.reported)
      changes[one.name] = nullptr;
    one.reported = one.shown;
  }
  return changes;
}

void client_list::forget_reported() {
  gone_.clear();
  for (auto& [id, one] : known_) {
    one->reported = false;
    if (one->shown)
      mark(*one);
  }
}

client_list::counts client_list::count() const {
  return {known_.size(), shown_connected_.size() + hidden_connected_.size(),
          shown_connected_.size() + shown_gone_.size()};
}

} // namespace tidegate::twin
