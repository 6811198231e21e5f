#include "actors/c2d/queue_messages.hpp"
#include "actors/routing/event_log.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/amqp/hub_question.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"

#include "../clients/amqp_fixture.hpp"

#include <boost/json.hpp>

using namespace tidegate;

namespace {

constexpr auto host = "tidehub.azure-devices.net";
constexpr auto partition = "tidehub/ConsumerGroups/$Default/Partitions/0";

std::string policy_token(const std::string& policy,
                         const std::string& expiry = far_future) {
  const auto sr = percent_encode(host);
  return format_sas_token(
           sr, base64_encode(hmac_sha256(policy, string_to_sign(sr, expiry))),
           expiry)
         + "&skn=" + policy;
}

std::string command_to(const std::string& device) {
  message_head head;
  head.system = {{"to", "/devices/" + device + "/messages/devicebound"}};
  std::string encoded;
  amqp::write_command_head(encoded, head);
  amqp::write_data_header(encoded, 1);
  return encoded + "x";
}

/// A hub with its policies, queues that keep what they are told, and an event
/// log of five events in two blocks.
struct service_fixture : session_node {
  std::vector<send_c2d> sent;
  caf::error refusal;
  std::vector<c2d_feedback> feedback;
  std::vector<std::uint64_t> forgotten;
  std::vector<read_events> reads;
  std::vector<stored_block> log;
  std::shared_ptr<policy_board> policies = make_policies();
  c2d_queues_actor queues = spawn_queues();
  event_log_actor events = spawn_log();
  caf::actor sinks = spawn_sinks();
  std::shared_ptr<memory_transport> wire = std::make_shared<memory_transport>();
  caf::actor session = start();
  amqp_client client{*this, wire, anonymous()};

  service_fixture() {
    log
      = {{0, block_of({"a", "b"}, 1000)}, {2, block_of({"c", "d", "e"}, 2000)}};
  }

  ~service_fixture() {
    caf::anon_send_exit(session, caf::exit_reason::kill);
    for (const auto& handle : {caf::actor_cast<caf::actor>(queues),
                               caf::actor_cast<caf::actor>(events), sinks})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  static block_ptr block_of(const std::vector<std::string>& all, int at) {
    block_builder made{wall_time{std::chrono::milliseconds{at}}};
    const auto head = std::make_shared<const message_head>();
    for (const auto& one : all)
      made.add(head, one);
    return made.finish();
  }

  static std::shared_ptr<policy_board> make_policies() {
    auto all = first_policies();
    for (auto& one : all)
      one.primary_key = base64_encode(one.name);
    auto made = std::make_shared<policy_board>();
    made->publish(std::move(all));
    return made;
  }

  caf::actor start() {
    auto made = session_node::context();
    made.policies = policies;
    made.c2d = queues;
    made.c2d_queues = queues;
    made.sinks = sinks;
    wire->near = sys.spawn(amqp_session, share(std::move(made)), wire);
    run();
    return wire->near;
  }

  c2d_queues_actor spawn_queues() {
    return caf::actor_cast<c2d_queues_actor>(
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const send_c2d& wish) -> caf::result<c2d_queued> {
                  sent.push_back(wish);
                  if (refusal)
                    return refusal;
                  return c2d_queued{sent.size()};
                },
                [this](const get_c2d_feedback&) { return feedback; },
                [this](const forget_c2d_feedback& read) {
                  forgotten = read.sequences;
                  feedback.clear();
                }};
      }));
  }

  event_log_actor spawn_log() {
    return caf::actor_cast<event_log_actor>(
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const read_events& wish) {
          reads.push_back(wish);
          events_page page{0, log.back().end(), {}};
          for (const auto& one : log)
            if (one.end() > wish.from)
              page.blocks.push_back(one);
          return page;
        }};
      }));
  }

  caf::actor spawn_sinks() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const get_child&) {
        return child_handle{caf::actor_cast<caf::actor>(events)};
      }};
    });
  }

  void join(const std::string& policy = "service") {
    client.open();
    REQUIRE(client.put_token(policy_token(policy)) == 200);
  }

  pn_link_t* attach_events(const std::string& filter, int credit = 100) {
    client.source_filter = filter;
    auto* const link = client.attach_receiver(partition, credit);
    client.source_filter.clear();
    return link;
  }

  /// The bodies that came on a link, each accepted.
  std::string bodies(pn_link_t* link) {
    std::string all;
    for (const auto& [encoded, delivery] : client.arrived[link]) {
      all += encoded.back();
      pn_delivery_update(delivery, PN_ACCEPTED);
      pn_delivery_settle(delivery);
    }
    client.arrived[link].clear();
    client.turn();
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(service_fixture,
                 "only a policy with the right gets a token taken",
                 "[service]") {
  client.open();
  for (const auto* const policy :
       {"device", "registryRead", "registryReadWrite", "nobody"})
    CHECK(client.put_token(policy_token(policy)) == 401);
  CHECK(client.put_token(policy_token("service", "1000000000")) == 401);
  for (const auto* const address : {"/messages/devicebound", "$management"})
    CHECK(client.error_of(client.attach_sender(address))
          == "amqp:unauthorized-access");
  for (const auto* const address :
       {"/messages/serviceBound/feedback", "$management", partition})
    CHECK(client.error_of(client.attach_receiver(address))
          == "amqp:unauthorized-access");
  CHECK(client.put_token(policy_token("service")) == 200);
  CHECK(client.put_token(policy_token("iothubowner")) == 200);
  CHECK(client.is_open(client.attach_sender("/messages/devicebound")));
}

TEST_CASE_METHOD(service_fixture,
                 "a message for a device is accepted once it is stored",
                 "[service]") {
  join();
  auto* const link = client.attach_sender("/messages/devicebound");
  CHECK(client.outcome(client.send(link, command_to("pump-7"))) == "accepted");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].target == identity_id{"pump-7", ""});
  refusal = caf::make_error(ec::not_found, "pump-7");
  CHECK(client.outcome(client.send(link, command_to("pump-7")))
        == "amqp:not-found");
  refusal = caf::make_error(ec::store_full, "pump-7");
  CHECK(client.outcome(client.send(link, command_to("pump-7")))
        == "amqp:resource-limit-exceeded");
  CHECK(client.outcome(client.send(link, message("x"))) == "amqp:not-allowed");
  CHECK(client.is_open(link));
}

TEST_CASE_METHOD(service_fixture,
                 "feedback is forgotten when its reader has taken it",
                 "[service]") {
  join();
  auto* const link = client.attach_receiver("/messages/serviceBound/feedback");
  CHECK(client.arrived[link].empty());
  c2d_feedback told;
  told.of.device = "pump-7";
  told.of.sequence = 5;
  feedback = {told};
  pass(std::chrono::seconds{1});
  client.turn();
  REQUIRE(client.arrived[link].size() == 1);
  const auto& text = client.arrived[link][0].encoded;
  const auto records = boost::json::parse(text.substr(text.find('[')));
  CHECK(records.at(0).at("deviceId") == "pump-7");
  CHECK(forgotten.empty());
  SECTION("released, it comes again") {
    pn_delivery_update(client.arrived[link][0].delivery, PN_RELEASED);
    pn_delivery_settle(client.arrived[link][0].delivery);
    client.turn();
    pass(std::chrono::seconds{1});
    client.turn();
    CHECK(client.arrived[link].size() == 2);
    CHECK(forgotten.empty());
  }
  SECTION("accepted, it does not") {
    bodies(link);
    CHECK(forgotten == std::vector<std::uint64_t>{5});
    pass(std::chrono::seconds{2});
    client.turn();
    CHECK(client.arrived[link].empty());
  }
}

TEST_CASE_METHOD(service_fixture, "events are read from a position on",
                 "[service]") {
  join();
  CHECK(bodies(attach_events("")) == "abcde");
  CHECK(bodies(attach_events("amqp.annotation.x-opt-offset > '-1'"))
        == "abcde");
  CHECK(bodies(attach_events("amqp.annotation.x-opt-offset > '2'")) == "de");
  CHECK(bodies(attach_events("amqp.annotation.x-opt-sequence-number >= '2'"))
        == "cde");
  CHECK(bodies(attach_events("amqp.annotation.x-opt-enqueued-time > '1000'"))
        == "cde");
  CHECK(bodies(attach_events("amqp.annotation.x-opt-enqueued-time > '999'"))
        == "abcde");
  auto* const latest
    = attach_events("amqp.annotation.x-opt-offset > '@latest'");
  CHECK(bodies(latest).empty());
  log.push_back({5, block_of({"f"}, 3000)});
  pass(std::chrono::seconds{1});
  client.turn();
  CHECK(bodies(latest) == "f");
}

TEST_CASE_METHOD(service_fixture, "a reader gets no more than its credit",
                 "[service]") {
  join();
  auto* const link = attach_events("", 2);
  CHECK(bodies(link) == "ab");
  pn_link_flow(link, 2);
  client.turn();
  CHECK(bodies(link) == "cd");
}

TEST_CASE_METHOD(service_fixture, "a reader that asks for nonsense is told so",
                 "[service]") {
  join();
  const auto error_at = [&](const char* address) {
    return client.error_of(client.attach_receiver(address));
  };
  CHECK(error_at("tidehub/ConsumerGroups/$Default/Partitions/1")
        == "amqp:not-found");
  CHECK(error_at("other/ConsumerGroups/$Default/Partitions/0")
        == "amqp:not-found");
  CHECK(client.error_of(attach_events("x > 1")) == "amqp:not-implemented");
  CHECK(client.error_of(attach_events("amqp.annotation.x-opt-offset > '99'"))
        == "com.microsoft:argument-out-of-range");
}

TEST_CASE_METHOD(service_fixture,
                 "a link ends when its policy's key is renewed", "[service]") {
  join();
  auto* const link = client.attach_sender("/messages/devicebound");
  pass(std::chrono::minutes{5});
  client.turn();
  CHECK(client.is_open(link));
  policies->publish({});
  pass(std::chrono::minutes{5});
  client.turn();
  CHECK(client.error_of(link) == "amqp:unauthorized-access");
}
