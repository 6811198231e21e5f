#include "actors/service/service_links.hpp"

#include "actors/clients/proton_values.hpp"
#include "actors/service/command_receiver.hpp"
#include "actors/service/event_feed.hpp"
#include "actors/service/feedback_feed.hpp"
#include "actors/service/hub_answers.hpp"

#include <proton/link.h>
#include <proton/terminus.h>

namespace tidegate {

namespace {

constexpr std::string_view selector = "apache.org:selector-filter:string";

bool is_log(std::string_view entity, const session_context& node) {
  return equal_without_case(entity, events_entity(node.hub_host))
         || equal_without_case(entity, "messages/events");
}

} // namespace

service_links::service_links(service_link_context context)
  : context_{std::move(context)}, access_{context_.node->policies,
                                          {context_.node->hub_host,
                                           context_.node->gateway_host},
                                          context_.node->now} {}

std::optional<link_condition>
service_links::refusal(const service_address& address) const {
  // Clients ask for a token of the log's own node and attach to a short name.
  const auto path = address.resource == service_resource::management
                      ? '/'
                          + std::string{events_entity(context_.node->hub_host)}
                          + "/$management"
                      : address.path;
  const auto verdict = access_.judge(path);
  if (verdict == access_verdict::granted)
    return std::nullopt;
  return link_condition{condition::unauthorized,
                        std::string{to_string(verdict)}};
}

std::unique_ptr<service_link>
service_links::make(const service_address& address, pn_link_t* link,
                    link_condition& why) {
  const auto client_receives = pn_link_is_sender(link);
  switch (address.resource) {
  case service_resource::commands:
    if (!client_receives && context_.node->c2d)
      return std::make_unique<command_receiver>(context_, link);
    break;
  case service_resource::feedback:
    if (client_receives && context_.node->c2d_queues)
      return std::make_unique<feedback_feed>(context_, link);
    break;
  case service_resource::management:
    if (client_receives)
      return std::make_unique<hub_answers>(context_, link);
    return std::make_unique<hub_questions>(context_, link);
  case service_resource::events:
    if (client_receives)
      return make_events(address, link, why);
    break;
  }
  why = {condition::not_found, "there is no such link"};
  return nullptr;
}

std::unique_ptr<service_link>
service_links::make_events(const service_address& address, pn_link_t* link,
                           link_condition& why) {
  if (!is_log(address.entity, *context_.node)) {
    why = {condition::not_found, "there is no event log of that name"};
    return nullptr;
  }
  if (address.partition != "0") {
    why = {condition::not_found, "the only partition is 0"};
    return nullptr;
  }
  const auto from = parse_event_selector(described_text_in(
    pn_terminus_filter(pn_link_remote_source(link)), selector));
  if (!from) {
    why = {condition::not_implemented, "the selector filter is none that "
                                       "readers of events use"};
    return nullptr;
  }
  return std::make_unique<event_feed>(context_, link, *from);
}

} // namespace tidegate
