#include "actors/clients/mqtt_dialog.hpp"

#include "messages/iothub/outbound_topic.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidegate {

mqtt_dialog::mqtt_dialog(caf::event_based_actor* session, twins_actor twins,
                         std::size_t limit)
  : session_{session}, twins_{std::move(twins)}, limit_{limit} {}

void mqtt_dialog::ask(const identity_id& id, const inbound_topic& request,
                      bytes payload, std::optional<ingress::hold> held) {
  const auto call = next_call_++;
  twin_operation what{id, {}};
  if (request.kind == inbound_kind::twin_patch)
    what.patch = std::move(payload);
  questions_.emplace(call, question{std::string{request.rid}, held});
  if (questions_.size() > limit_)
    return waiting_.push_back({call, std::move(what)});
  call_twin(session_, twins_, std::move(what), call);
}

mqtt_dialog::reply mqtt_dialog::take(const twin_answered& answer) {
  reply made;
  if (auto asked = questions_.extract(answer.call)) {
    const auto& [rid, held] = asked.mapped();
    made.held = held;
    made.must_not_acknowledge = held && rid.empty() && answer.failed;
    if (!rid.empty())
      made.topic = twin_response_topic(answer.status, rid);
    made.json = answer.json;
  }
  if (!waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    call_twin(session_, twins_, std::move(next.what), next.call);
  }
  return made;
}

void mqtt_dialog::sent(std::string lock_token) {
  commands_.push_back(std::move(lock_token));
}

std::vector<std::string> mqtt_dialog::take_commands(std::size_t count) {
  const auto end
    = commands_.begin()
      + static_cast<std::ptrdiff_t>(std::min(count, commands_.size()));
  std::vector<std::string> taken{std::make_move_iterator(commands_.begin()),
                                 std::make_move_iterator(end)};
  commands_.erase(commands_.begin(), end);
  return taken;
}

} // namespace tidegate
