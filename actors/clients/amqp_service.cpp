// Links of services: messages for devices and their feedback, the event log.

#include "actors/clients/amqp_connection.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/log.hpp"

#include <proton/link.h>

namespace tidegate {

void amqp_connection::start_services() {
  if (!context_.policies)
    return;
  service_link_context shared;
  shared.self = self_;
  shared.node = &context_;
  shared.end_turn = [this] { end_turn(); };
  shared.close = [this](pn_link_t* link, const link_condition& why) {
    if (auto* const known = link_of(link))
      close(*known, why);
  };
  shared.wake_after = [this](std::chrono::milliseconds delay) {
    if (!std::exchange(waking_, true))
      self_->delayed_send(self_, delay, amqp_service_due{});
  };
  services_ = std::make_unique<service_links>(std::move(shared));
}

/// True when the link is one of a service.
bool amqp_connection::attach_service(amqp_link& link,
                                     std::string_view address) {
  auto wanted = services_ ? parse_service_address(address) : std::nullopt;
  if (!wanted)
    return false;
  link.role = link_role::service;
  use(link);
  link.service_at = std::move(*wanted);
  if (const auto why = services_->refusal(link.service_at)) {
    log::warning("amqp", "a service was refused",
                 {{"link", link.service_at.path},
                  {"peer", peer_->peer().address},
                  {"reason", why->description}});
    close(link, *why);
    return true;
  }
  introduce();
  open(link);
  link_condition why;
  link.service = services_->make(link.service_at, link.link, why);
  if (!link.service)
    close(link, why);
  else
    link.service->granted();
  return true;
}

void amqp_connection::wake_services() {
  waking_ = false;
  for (auto& link : links_)
    if (link.service)
      link.service->wake();
  end_turn();
}

/// Keys are renewed and tokens expire.
void amqp_connection::judge_services() {
  for (auto& link : links_)
    if (link.service)
      if (const auto why = services_->refusal(link.service_at))
        close(link, *why);
  end_turn();
}

/// What a token of a service is answered with: a status and a sentence.
std::pair<int, std::string>
amqp_connection::take_service_token(std::string_view token) {
  const auto verdict = services_->access().put(token);
  if (verdict == access_verdict::granted) {
    introduce();
    return {200, "OK"};
  }
  log::warning("amqp", "a service was refused",
               {{"peer", peer_->peer().address},
                {"reason", std::string{to_string(verdict)}}});
  return {401, std::string{to_string(verdict)}};
}

} // namespace tidegate
