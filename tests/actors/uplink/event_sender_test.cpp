#include "actors/uplink/event_sender.hpp"

#include "actors/clients/proton_engine.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>

#include <map>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A sender and a parent that accepts what it is sent, but closes the link over
/// what is `deadly`, without a word about it.
struct fixture : session_node {
  proton_engine near{proton_engine::side::connects, options("near")};
  proton_engine far{proton_engine::side::accepts, options("far")};
  pn_session_t* session = pn_session(near.connection());
  upstream_resources shared;
  event_sender subject{{"leaf", {}}};
  std::map<std::uint64_t, delivery_result> results;
  caf::actor route
    = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const delivered& news) {
          for (const auto& range : news.ranges)
            for (std::uint32_t i = 0; i < range.count; ++i)
              results[range.first + i] = range.result;
        }};
      });
  std::string deadly = "deadly";
  const char* condition = "amqp:link:message-size-exceeded";
  unsigned links = 0;
  std::chrono::steady_clock::time_point at{};

  fixture() {
    shared.meters = meters.get();
    shared.batches = true;
    pn_session_open(session);
  }
  ~fixture() { caf::anon_send_exit(route, caf::exit_reason::user_shutdown); }

  static proton::connection_options options(const char* name) {
    return proton::connection_options{}.container_id(name).sasl_allowed_mechs(
      "ANONYMOUS");
  }

  void far_end(pn_event_t* event) {
    switch (pn_event_type(event)) {
    case PN_CONNECTION_REMOTE_OPEN:
      return pn_connection_open(far.connection());
    case PN_SESSION_REMOTE_OPEN:
      return pn_session_open(pn_event_session(event));
    case PN_LINK_REMOTE_OPEN:
      pn_link_open(pn_event_link(event));
      return pn_link_flow(pn_event_link(event), 100);
    case PN_DELIVERY:
      return judge(pn_event_delivery(event));
    default:
      return;
    }
  }

  void judge(pn_delivery_t* transfer) {
    auto* const link = pn_delivery_link(transfer);
    if (!pn_delivery_readable(transfer) || pn_delivery_partial(transfer)
        || !(pn_link_state(link) & PN_LOCAL_ACTIVE))
      return;
    std::string text(pn_delivery_pending(transfer), '\0');
    pn_link_recv(link, text.data(), text.size());
    pn_link_advance(link);
    if (text.find(deadly) != text.npos) {
      pn_condition_set_name(pn_link_condition(link), condition);
      return pn_link_close(link);
    }
    pn_delivery_update(transfer, PN_ACCEPTED);
    pn_delivery_settle(transfer);
  }

  void near_end(pn_event_t* event) {
    auto* const link = pn_event_link(event);
    if (pn_event_type(event) == PN_DELIVERY)
      subject.decided(pn_event_delivery(event), shared, at);
    if (pn_event_type(event) != PN_LINK_REMOTE_CLOSE)
      return;
    subject.refused(pn_condition_get_name(pn_link_remote_condition(link)),
                    shared);
    pn_link_close(link);
  }

  void turn() {
    for (bool busy = true; busy;) {
      while (subject.send_one(shared, at)) {
      }
      auto out = near.take_output();
      busy = !out.empty();
      for (std::string_view rest = out; !rest.empty();) {
        rest = far.feed(rest);
        while (auto* const event = far.next_event())
          far_end(event);
      }
      out = far.take_output();
      busy = busy || !out.empty();
      for (std::string_view rest = out; !rest.empty();) {
        rest = near.feed(rest);
        while (auto* const event = near.next_event())
          near_end(event);
      }
    }
    shared.answers.send();
    run();
  }

  /// Gives what has no answer to the sender, unless it has it still, with a new
  /// link when there is none.
  void give(const std::vector<std::string>& payloads) {
    at += 1s;
    if (!subject.link()) {
      auto* const link = pn_sender(session, std::to_string(++links).c_str());
      pn_link_open(link);
      subject.attach(link);
    }
    if (!subject.has_queue()) {
      block_builder builder{now};
      auto head = std::make_shared<message_head>();
      head->sender = subject.id();
      for (const auto& payload : payloads)
        builder.add(head, payload);
      REQUIRE(subject.take(route,
                           {lane_id{9},
                            {0, builder.finish()},
                            0,
                            static_cast<std::uint32_t>(payloads.size())},
                           shared, at));
    }
    turn();
  }

  bool is_over() const { return !results.empty() && !subject.has_queue(); }
};

constexpr auto done = delivery_result::done;
constexpr auto poison = delivery_result::poison;

} // namespace

TEST_CASE_METHOD(fixture,
                 "a message over which the parent ends links is given up, the "
                 "others are not",
                 "[uplink][poison]") {
  const std::vector<std::string> payloads{"1", "2", "deadly", "4"};
  for (int i = 0; i < 50 && !is_over(); ++i)
    give(payloads);
  CHECK(results
        == std::map<std::uint64_t, delivery_result>{
          {0, done}, {1, done}, {2, poison}, {3, done}});
  CHECK(meters
          ->counter(
            "tidegate_uplink_given_up_total",
            "Messages that the parent would never take and that are given up.",
            {{"reason", "ends_links"}})
          .Value()
        == 1);
}

TEST_CASE_METHOD(fixture,
                 "links that end for a reason that passes cost nothing",
                 "[uplink][poison]") {
  condition = "com.microsoft:server-busy";
  deadly = "";
  const std::vector<std::string> payloads{"1", "2", "3"};
  for (int i = 0; i < 50; ++i)
    give(payloads);
  CHECK(results.empty());
  CHECK(subject.has_queue());
  deadly = "deadly";
  give(payloads);
  CHECK(results
        == std::map<std::uint64_t, delivery_result>{
          {0, done}, {1, done}, {2, done}});
}
