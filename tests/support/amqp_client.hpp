#pragma once

#include "actors/clients/proton_engine.hpp"
#include "messages/amqp/cbs.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "support/deterministic.hpp"
#include "support/memory_transport.hpp"

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

/// A client of an AMQP session under test, driven step by step: `turn` passes
/// bytes both ways until nobody has anything to say.
class amqp_client {
public:
  struct arrival {
    std::string encoded;
    pn_delivery_t* delivery;
  };

  amqp_client(deterministic& world, std::shared_ptr<memory_transport> transport,
              const proton::connection_options& options = {})
    : world_{world}, transport_{std::move(transport)},
      engine{tidegate::proton_engine::side::connects, options} {}

  /// Opens the one session that the links are made in.
  void open() {
    session_ = pn_session(engine.connection());
    pn_session_open(session_);
    turn();
  }

  void turn() {
    for (;;) {
      handle_events();
      auto output = engine.take_output();
      const auto input = transport_->take_written();
      if (output.empty() && input.empty())
        return;
      if (!output.empty())
        caf::anon_send(transport_->near,
                       tidegate::received{tidegate::own(std::move(output))});
      world_.run();
      for (std::string_view rest = input; !rest.empty();) {
        rest = engine.feed(rest);
        handle_events();
      }
    }
  }

  /// Properties that links attached from now on have.
  std::map<std::string, std::string> link_properties;

  /// The selector filter that receivers attached from now on have.
  std::string source_filter;

  pn_link_t* attach_sender(const std::string& address,
                           const std::string& auth_chain = {}) {
    auto* const link = pn_sender(session_, next_name().c_str());
    pn_terminus_set_address(pn_link_target(link), address.c_str());
    return opened(link, auth_chain);
  }

  pn_link_t* attach_receiver(const std::string& address, int credit = 100) {
    auto* const link = pn_receiver(session_, next_name().c_str());
    pn_terminus_set_address(pn_link_source(link), address.c_str());
    if (!source_filter.empty())
      put_filter(pn_terminus_filter(pn_link_source(link)));
    opened(link, {});
    if (credit > 0)
      pn_link_flow(link, credit);
    turn();
    return link;
  }

  /// Sends an encoded message; its outcome can be asked afterwards.
  pn_delivery_t* send(pn_link_t* link, const std::string& encoded) {
    auto* const delivery = queue(link, encoded);
    turn();
    return delivery;
  }

  /// The same, without passing it on yet.
  pn_delivery_t* queue(pn_link_t* link, const std::string& encoded) {
    const auto tag = std::to_string(next_tag_++);
    auto* const delivery = pn_delivery(link, pn_dtag(tag.data(), tag.size()));
    pn_link_send(link, encoded.data(), encoded.size());
    pn_link_advance(link);
    return delivery;
  }

  /// put-token; returns the status of the answer, 0 without one.
  int put_token(const std::string& token) {
    if (!cbs_out_) {
      cbs_out_ = attach_sender("$cbs");
      cbs_in_ = attach_receiver("$cbs");
    }
    send(cbs_out_, tidegate::amqp::write_put_token("m-1", "any", token));
    auto& answers = arrived[cbs_in_];
    if (answers.empty())
      return 0;
    tidegate::amqp::message_sections sections;
    std::string why;
    const auto encoded = answers.back().encoded;
    answers.clear();
    tidegate::amqp::split_sections(encoded, sections, why);
    const auto reply = tidegate::amqp::read_cbs_reply(sections);
    return reply ? reply->status : 0;
  }

  static std::string outcome(pn_delivery_t* delivery) {
    switch (pn_delivery_remote_state(delivery)) {
    case PN_ACCEPTED:
      return "accepted";
    case PN_REJECTED:
      return pn_condition_get_name(
        pn_disposition_condition(pn_delivery_remote(delivery)));
    case 0:
      return "";
    default:
      return "other";
    }
  }

  /// What the hub said when it closed the link; empty while it is open.
  static std::string error_of(pn_link_t* link) {
    auto* const condition = pn_link_remote_condition(link);
    return pn_condition_is_set(condition) ? pn_condition_get_name(condition)
                                          : "";
  }

  std::string connection_error() const {
    auto* const condition = pn_connection_remote_condition(engine.connection());
    return pn_condition_is_set(condition) ? pn_condition_get_name(condition)
                                          : "";
  }

  /// The hub has ended the session itself, not only the connection.
  bool session_ended() const {
    return (pn_session_state(session_) & PN_REMOTE_CLOSED) != 0;
  }

  bool is_open(pn_link_t* link) const {
    return (pn_link_state(link) & PN_REMOTE_ACTIVE) != 0;
  }

private:
  deterministic& world_;
  std::shared_ptr<memory_transport> transport_;
  pn_session_t* session_ = nullptr;
  pn_link_t* cbs_out_ = nullptr;
  pn_link_t* cbs_in_ = nullptr;
  int next_name_ = 0;
  int next_tag_ = 0;

  std::string next_name() { return "link-" + std::to_string(next_name_++); }

  pn_link_t* opened(pn_link_t* link, const std::string& auth_chain) {
    auto properties = link_properties;
    if (!auth_chain.empty())
      properties["com.microsoft:auth-chain"] = auth_chain;
    if (!properties.empty()) {
      auto* const map = pn_link_properties(link);
      pn_data_put_map(map);
      pn_data_enter(map);
      for (const auto& [key, text] : properties) {
        pn_data_put_symbol(map, pn_bytes(key.size(), key.data()));
        pn_data_put_string(map, pn_bytes(text.size(), text.data()));
      }
      pn_data_exit(map);
    }
    pn_link_open(link);
    turn();
    return link;
  }

  /// As Event Hubs clients do: a described text.
  void put_filter(pn_data_t* filters) const {
    constexpr std::string_view name = "apache.org:selector-filter:string";
    pn_data_put_map(filters);
    pn_data_enter(filters);
    pn_data_put_symbol(filters, pn_bytes(name.size(), name.data()));
    pn_data_put_described(filters);
    pn_data_enter(filters);
    pn_data_put_ulong(filters, 0x468c00000004);
    pn_data_put_string(filters,
                       pn_bytes(source_filter.size(), source_filter.data()));
    pn_data_exit(filters);
    pn_data_exit(filters);
  }

  void handle_events() {
    while (auto* const event = engine.next_event())
      if (pn_event_type(event) == PN_DELIVERY)
        take(pn_event_delivery(event));
  }

  void take(pn_delivery_t* delivery) {
    auto* const link = pn_delivery_link(delivery);
    if (!pn_delivery_readable(delivery) || pn_delivery_partial(delivery))
      return;
    std::string encoded(pn_delivery_pending(delivery), '\0');
    pn_link_recv(link, encoded.data(), encoded.size());
    pn_link_advance(link);
    arrived[link].push_back({std::move(encoded), delivery});
  }

public:
  tidegate::proton_engine engine;
  std::map<pn_link_t*, std::vector<arrival>> arrived;
};
