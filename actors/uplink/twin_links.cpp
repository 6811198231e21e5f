#include "actors/uplink/twin_links.hpp"

#include "actors/log.hpp"
#include "actors/uplink/parent_verdict.hpp"
#include "actors/uplink/received_message.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/upstream_messages.hpp"

#include <caf/send.hpp>

#include <proton/delivery.h>
#include <proton/disposition.h>

#include <memory>
#include <utility>

namespace tidegate {

namespace {

/// Answers and changes that the parent may send before it is given credit.
constexpr int credit = 50;

const char* name_of(amqp::twin_verb verb) {
  switch (verb) {
  case amqp::twin_verb::get:
    return "twin_get";
  case amqp::twin_verb::patch:
    return "twin_report";
  case amqp::twin_verb::subscribe:
  case amqp::twin_verb::unsubscribe:
    break;
  }
  return "twin_follow";
}

const char* result_of(const caf::expected<remote_answer>& answer) {
  if (answer)
    return "answered";
  if (answer.error() == ec::timed_out)
    return "timed_out";
  return answer.error() == ec::unavailable || answer.error() == ec::io_failed
           ? "unavailable"
           : "refused";
}

caf::error failure(ec code, const identity_id& id, const std::string& why) {
  return caf::make_error(code, "the twin of " + to_string(id) + ": " + why);
}

} // namespace

twin_links::twin_links(dialog_tools& tools, const identity_id& id)
  : tools_{tools}, id_{id}, pair_{tools, "twin", "twin"} {}

twin_links::~twin_links() {
  fail_all(failure(ec::io_failed, id_, "the connection to the parent ended"));
}

void twin_links::ask(amqp::twin_verb verb, std::string_view body,
                     remote_calls::end then) {
  last_used_ = tools_.now();
  const auto why = verb == amqp::twin_verb::subscribe
                     ? dialog_tools::purpose::wish
                     : dialog_tools::purpose::question;
  if (!pair_.is_open() && !open(why))
    return then(failure(ec::unavailable, id_, "too many links are open"));
  queue(verb, body, std::move(then));
  pump();
}

void twin_links::follow(bool wanted, remote_calls::end then) {
  const bool before = std::exchange(follows_, false); // `open` is not to ask
  lacks_ = false;
  if (wanted) {
    ask(amqp::twin_verb::subscribe, {},
        [this, then = std::move(then)](const auto& answer) {
          if (!answer && !lacks_)
            retry_.ended(tools_.now());
          then(answer);
        });
    follows_ = true;
    return;
  }
  retry_.forget();
  if (before && pair_.is_open())
    ask(amqp::twin_verb::unsubscribe, {}, std::move(then));
  else
    then(remote_answer{});
}

bool twin_links::open(dialog_tools::purpose why) {
  const bool wish = why == dialog_tools::purpose::wish;
  if (!pair_.open(id_, *this, credit, why)) {
    lacks_ = lacks_ || wish;
    if (wish)
      tools_.wait_for_room(id_);
    return false;
  }
  retry_.opened(tools_.now());
  // Links for a question are no links to follow on: these come in their turn.
  lacks_ = lacks_ && !wish;
  if (follows_ && !lacks_)
    follow_again();
  return true;
}

void twin_links::take_turn() {
  if (lacks_)
    open_again();
}

void twin_links::give_turn() {
  if (!pair_.is_open() || !follows_ || !calls_.empty())
    return;
  pair_.close();
  lacks_ = true;
}

/// Links to follow on, which are closed.
void twin_links::open_again() {
  retry_.forget();
  if (pair_.is_open()) {
    lacks_ = false;
    follow_again();
  } else if (!open(dialog_tools::purpose::wish)) {
    return;
  }
  pump();
}

/// The links were closed for a while, and changes were not told.
void twin_links::follow_again() {
  queue(amqp::twin_verb::subscribe, {},
        [this](const caf::expected<remote_answer>& answer) {
          if (answer)
            caf::anon_send(tools_.context.twins, desired_missed{id_});
          else
            retry_.ended(tools_.now());
        });
}

void twin_links::queue(amqp::twin_verb verb, std::string_view body,
                       remote_calls::end then) {
  const std::string correlation{tools_.guids.next()};
  calls_.add(correlation, tools_.now(),
             [this, verb, then = std::move(then)](
               const caf::expected<remote_answer>& answer) {
               tools_.count(name_of(verb), result_of(answer));
               then(answer);
             });
  waiting_.push_back(
    {correlation, amqp::write_twin_request(verb, correlation, body)});
}

void twin_links::pump() {
  while (!waiting_.empty() && pair_.can_send()) {
    if (calls_.waits_for(waiting_.front().correlation))
      pair_.send(waiting_.front().encoded);
    waiting_.pop_front();
  }
}

void twin_links::look_around() {
  const auto now = tools_.now();
  const auto timeout = tools_.context.options.operation_timeout;
  for (auto& call : calls_.take_until(now - timeout)) {
    tools_.silent = std::max(tools_.silent.value_or(call.asked), call.asked);
    call.then(failure(ec::timed_out, id_, "the parent did not answer in time"));
  }
  if (!retry_.is_due(now))
    return;
  tools_.count_retry(id_, "twin");
  retry_.forget();
  open_again();
}

void twin_links::flowed(pn_link_t*) { pump(); }

void twin_links::arrived(pn_delivery_t* delivery) {
  const auto message = take_message(delivery);
  if (message.is == received_message::state::too_large) {
    pair_.close();
    return lost(failure(ec::unavailable, id_, "the parent sent too much"));
  }
  if (message.is == received_message::state::incomplete)
    return;
  pn_delivery_update(delivery, PN_ACCEPTED);
  top_up(delivery, credit);
  pn_delivery_settle(delivery);
  take(message.encoded);
}

void twin_links::take(const bytes& encoded) {
  amqp::message_sections sections;
  std::string why;
  if (!amqp::split_sections(encoded.view, sections, why))
    return log::warning("uplink", "the parent sent a damaged message",
                        {{"id", to_string(id_)}, {"reason", why}});
  std::string joined;
  const auto body = amqp::read_body(sections, joined);
  const auto notice = amqp::read_twin_notice(sections);
  tools_.answered = tools_.now();
  if (!notice.correlation.empty())
    return answer(notice, sections.data_count > 1 ? own(std::move(joined))
                                                  : bytes{encoded.owner, body});
  if (follows_)
    caf::anon_send(
      tools_.context.twins,
      upstream_desired{id_, std::make_shared<const std::string>(body)});
}

void twin_links::answer(const amqp::twin_notice& notice, bytes body) {
  const auto call = calls_.take(notice.correlation);
  if (!call)
    return; // it came too late
  last_used_ = tools_.now();
  const auto status = notice.status.value_or(500);
  if (status / 100 == 2)
    call->then(remote_answer{std::move(body), notice.version});
  else
    call->then(
      failure(refusal_of(status), id_,
              "the parent answered with status " + std::to_string(status)));
}

void twin_links::ended(pn_link_t* link, std::string_view condition) {
  tools_.answered = tools_.now();
  pair_.ended(link);
  lost(failure(refusal_of(condition), id_,
               "the parent closed the link: " + std::string{condition}));
}

/// The links are closed, though not by a wish of this node.
void twin_links::lost(const caf::error& why) {
  if (follows_ && !lacks_)
    retry_.ended(tools_.now());
  fail_all(why);
}

void twin_links::fail_all(const caf::error& why) {
  waiting_.clear();
  for (auto& call : calls_.take_all())
    call.then(why);
}

} // namespace tidegate
