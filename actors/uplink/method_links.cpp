#include "actors/uplink/method_links.hpp"

#include "actors/log.hpp"
#include "actors/uplink/received_message.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/method_mapping.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <boost/json/serialize.hpp>

#include <proton/delivery.h>
#include <proton/disposition.h>

#include <utility>

namespace tidegate {

namespace {

/// Calls that the parent may make before it is given credit.
constexpr int credit = 50;

/// A cloud's call may take this long (edge-hub spec 8); whoever called has a
/// time-out of its own.
constexpr auto response_timeout = std::chrono::seconds{330};
constexpr auto patience = response_timeout + std::chrono::seconds{10};

/// What a caller is told when there is no answer of a client.
std::int32_t status_of(const caf::error& error) {
  if (error == ec::not_found)
    return 404;
  if (error == ec::bad_argument)
    return 400;
  return error == ec::unavailable ? 503 : 504;
}

bytes body_of(const caf::error& error) {
  return own(boost::json::serialize(
    boost::json::object{{"message", error_text(error)}}));
}

} // namespace

void method_links::want(bool wanted) {
  if (std::exchange(wanted_, wanted) == wanted)
    return;
  if (wanted)
    return open();
  retry_.forget();
  lacks_ = false;
  close();
}

void method_links::close() {
  answers_.clear();
  // Who called hears of none of their answers.
  for (const auto& [number, ticket] : std::exchange(under_way_, {})) {
    ticket->left = true;
    caf::anon_send(tools_.context.methods, abandon_call{ticket});
  }
  pair_.close();
}

void method_links::open() {
  if (pair_.open(id_, *this, credit, dialog_tools::purpose::wish)) {
    lacks_ = false;
    return retry_.opened(tools_.now());
  }
  lacks_ = true;
  retry_.forget();
  tools_.wait_for_room(id_);
}

void method_links::take_turn() {
  if (lacks_)
    open();
}

void method_links::give_turn() {
  if (!pair_.is_open() || !under_way_.empty())
    return;
  close();
  lacks_ = true;
}

void method_links::look_around() {
  if (!retry_.is_due(tools_.now()))
    return;
  tools_.count_retry(id_, "methods");
  open();
}

void method_links::flowed(pn_link_t*) {
  while (!answers_.empty() && pair_.can_send()) {
    pair_.send(answers_.front());
    answers_.pop_front();
  }
}

void method_links::arrived(pn_delivery_t* delivery) {
  const auto message = take_message(delivery);
  if (message.is == received_message::state::too_large) {
    close();
    return retry_.ended(tools_.now());
  }
  if (message.is == received_message::state::incomplete)
    return;
  pn_delivery_update(delivery, PN_ACCEPTED);
  top_up(delivery, credit);
  pn_delivery_settle(delivery);
  take(message.encoded);
}

void method_links::take(const bytes& encoded) {
  amqp::message_sections sections;
  std::string why = "it is no call of a method";
  const auto call = amqp::split_sections(encoded.view, sections, why)
                      ? amqp::read_method_call(sections)
                      : std::nullopt;
  if (!call)
    return log::warning("uplink", "the parent sent a damaged message",
                        {{"id", to_string(id_)}, {"reason", why}});
  tools_.answered = tools_.now();
  std::string joined;
  const auto body = amqp::read_body(sections, joined);
  invoke(std::string{call->correlation}, std::string{call->name},
         sections.data_count > 1 ? own(std::move(joined))
                                 : bytes{encoded.owner, body});
}

void method_links::invoke(std::string correlation, std::string name,
                          bytes payload) {
  const auto number = ++next_call_;
  method_ended made{id_, pair_.correlation(), number, std::move(correlation), 0,
                    {}};
  invoke_method wish{id_, std::move(name), std::move(payload)};
  wish.response_timeout = response_timeout;
  wish.from = {method_caller::kind::parent, {}};
  wish.ticket
    = under_way_.emplace(number, std::make_shared<call_ticket>()).first->second;
  auto* const self = tools_.self;
  self->request(tools_.context.methods, patience, std::move(wish))
    .then(
      [self, made](const method_outcome& outcome) {
        auto news = made;
        news.status = outcome.status;
        news.payload = outcome.payload;
        self->send(self, std::move(news));
      },
      [self, made](const caf::error& error) {
        auto news = made;
        news.status = status_of(error);
        news.payload = body_of(error);
        self->send(self, std::move(news));
      });
}

void method_links::answer(const method_ended& news) {
  if (!pair_.is_open() || news.pair != pair_.correlation())
    return; // the caller has been told that it ended
  under_way_.erase(news.call);
  tools_.count("method", news.status == 404   ? "refused"
                         : news.status == 504 ? "timed_out"
                                              : "answered");
  answers_.push_back(amqp::write_method_answer(news.correlation, news.status,
                                               news.payload.view));
  flowed(nullptr);
}

void method_links::ended(pn_link_t* link, std::string_view condition) {
  tools_.answered = tools_.now();
  pair_.ended(link);
  close();
  log::info("uplink", "the parent closed the links for methods",
            {{"id", to_string(id_)}, {"reason", std::string{condition}}});
  retry_.ended(tools_.now());
}

} // namespace tidegate
