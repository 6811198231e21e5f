#include "amqp_fixture.hpp"
#include "messages/amqp/guid.hpp"
#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const identity_id leaf{"leaf-9", {}};
constexpr auto twin = "/devices/leaf-9/twin";
constexpr auto methods = "/devices/leaf-9/methods/deviceBound";
constexpr auto devicebound = "/devices/leaf-9/messages/deviceBound";
constexpr auto correlation = "com.microsoft:channel-correlation-id";

using texts = std::vector<std::string>;

/// A message with an annotation or application property, a correlation id
/// unless that is null, and a body.
struct request {
  std::string operation;
  const char* id = "c1";
  std::string body = " ";

  std::string encode() const {
    std::string encoded;
    amqp::writer out{encoded};
    out.descriptor(amqp::annotations_section);
    const auto map = out.begin_map();
    out.symbol("operation");
    out.string(operation);
    out.end(map, 2);
    if (id) {
      out.descriptor(amqp::properties_section);
      const auto list = out.begin_list();
      for (std::uint32_t i = 0; i < amqp::correlation_id_field; ++i)
        out.null();
      out.string(id);
      out.end(list, amqp::correlation_id_field + 1);
    }
    out.descriptor(amqp::data_section);
    out.binary(body);
    return encoded;
  }
};

/// What the hub has sent, taken apart.
struct told {
  explicit told(std::string from) : encoded{std::move(from)} {
    std::string why;
    REQUIRE(amqp::split_sections(encoded, sections, why));
  }

  std::string id() const {
    std::string text;
    scalar_text(property_field(sections, amqp::correlation_id_field), text);
    return text;
  }
  std::int64_t status() const {
    return amqp::entry_of(sections.annotations, "status").as_signed();
  }
  std::string annotation(std::string_view key) const {
    std::string text;
    scalar_text(amqp::entry_of(sections.annotations, key), text);
    return text;
  }

  std::string encoded;
  amqp::message_sections sections;
};

struct dialog_fixture : amqp_fixture {
  dialog_fixture() : amqp_fixture{true} { join(); }

  pn_link_t* requests = nullptr;
  pn_link_t* replies = nullptr;

  void attach_twin(const std::string& channel = "twin:1") {
    client.link_properties[correlation] = channel;
    requests = client.attach_sender(twin);
    replies = client.attach_receiver(twin);
  }

  /// What has arrived on a link since the last call.
  std::vector<told> arrived(pn_link_t* link) {
    std::vector<told> all;
    for (const auto& each : std::exchange(client.arrived[link], {}))
      all.emplace_back(each.encoded);
    return all;
  }

  template <class Message>
  void give(Message message) {
    caf::anon_send(session, std::move(message));
    run();
    client.turn();
  }

  void give_command(const std::string& token, std::uint32_t deliveries = 0) {
    auto head = std::make_shared<message_head>();
    head->system = {{"messageId", "m-1"}, {"ack", "full"}};
    head->user = {{"k", "v"}};
    give(
      deliver_c2d{leaf, {head, own("go " + token), token, deliveries, 7, now}});
  }

  texts decisions() {
    constexpr const char* names[] = {"complete", "abandon", "reject"};
    texts all;
    for (const auto& [by, token, outcome] : std::exchange(cloud->decisions, {}))
      all.push_back(token + ' ' + names[static_cast<int>(outcome)]);
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(dialog_fixture, "a client gets its twin over AMQP",
                 "[amqp_session]") {
  attach_twin();
  CHECK(pn_link_remote_snd_settle_mode(replies) == PN_SND_SETTLED);
  CHECK(pn_link_credit(requests) == 16);
  auto* const sent = client.send(requests, request{"GET"}.encode());
  CHECK(amqp_client::outcome(sent) == "accepted");
  CHECK(cloud->gets == std::vector{leaf});
  const auto answers = arrived(replies);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].id() == "c1");
  CHECK(answers[0].status() == 200);
  CHECK(answers[0].sections.first_data == cloud->twin);
  CHECK(pn_link_credit(requests) == 16);
}

TEST_CASE_METHOD(dialog_fixture, "a client reports properties over AMQP",
                 "[amqp_session]") {
  attach_twin();
  const auto status_of = [this](const caf::error& error) {
    cloud->failure = error;
    client.send(requests, request{"PATCH", "c2", R"({"a":1})"}.encode());
    const auto answers = arrived(replies);
    if (answers.size() != 1)
      return std::int64_t{0};
    // The Azure SDK for Node.js reads what a failure says as JSON.
    if (answers[0].status() >= 400)
      CHECK(boost::json::parse(answers[0].sections.first_data).is_object());
    return answers[0].status();
  };
  CHECK(status_of({}) == 204);
  CHECK(cloud->patches.back() == R"({"a":1})");
  CHECK(status_of(ec::bad_argument) == 400);
  CHECK(status_of(ec::unavailable) == 500);
}

TEST_CASE_METHOD(dialog_fixture, "what a twin request needs to be answered",
                 "[amqp_session]") {
  attach_twin();
  const auto outcome_of = [this](const request& from) {
    return amqp_client::outcome(client.send(requests, from.encode()));
  };
  CHECK(outcome_of({"GET", nullptr}) == "amqp:not-allowed");
  CHECK(outcome_of({"POST"}) == "amqp:not-allowed");
  CHECK(outcome_of({"GET", ""}) == "accepted");
  CHECK(cloud->gets.empty());
  CHECK(outcome_of({"PATCH", "", "{}"}) == "accepted");
  CHECK(cloud->patches.size() == 1);
  cloud->failure = ec::store_failed;
  CHECK(outcome_of({"PATCH", "", "{}"}) == "amqp:internal-error");
  CHECK(outcome_of({"PATCH", "c", std::string(262'200, 'x')})
        == "amqp:link:message-size-exceeded");
  CHECK(amqp_client::outcome(client.send(requests, "rubbish"))
        == "amqp:not-allowed");
  CHECK(arrived(replies).empty());
  CHECK(pn_link_credit(requests) == 16);
}

TEST_CASE_METHOD(dialog_fixture,
                 "a client hears of desired properties until it unsubscribes",
                 "[amqp_session]") {
  attach_twin();
  CHECK(cloud->wants[leaf] == client_wants{false, true, false});
  const desired_changed news{leaf, 5,
                             std::make_shared<const std::string>("{}")};
  give(news);
  auto heard = arrived(replies);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].id().empty());
  CHECK(heard[0].sections.annotations.is == amqp::kind::null);
  CHECK(heard[0].sections.first_data == "{}");
  client.send(requests, request{"DELETE"}.encode());
  CHECK(arrived(replies).at(0).status() == 200);
  CHECK(cloud->wants[leaf] == client_wants{});
  give(news);
  CHECK(arrived(replies).empty());
  client.send(requests, request{"PUT"}.encode());
  CHECK(arrived(replies).at(0).status() == 200);
  CHECK(cloud->wants[leaf] == client_wants{false, true, false});
}

TEST_CASE_METHOD(dialog_fixture,
                 "requests under way do not outlive what they came on",
                 "[amqp_session]") {
  attach_twin();
  cloud->holds = true;
  client.send(requests, request{"GET"}.encode());
  CHECK(pn_link_credit(requests) == 15);
  SECTION("the link of the request goes") {
    pn_link_close(requests);
    client.turn();
    cloud->answer();
    run();
    client.turn();
    CHECK(arrived(replies).size() == 1);
  }
  SECTION("the link of the reply goes") {
    pn_link_close(replies);
    client.turn();
    cloud->answer();
    run();
    client.turn();
    CHECK(pn_link_credit(requests) == 16);
  }
}

TEST_CASE_METHOD(dialog_fixture, "links of an earlier attempt are closed",
                 "[amqp_session]") {
  attach_twin("twin:1");
  auto* const old_requests = requests;
  auto* const old_replies = replies;
  SECTION("by a link of another attempt") {
    client.link_properties[correlation] = "twin:2";
    client.attach_sender(twin);
    CHECK(amqp_client::error_of(old_requests) == "amqp:link:stolen");
    CHECK(amqp_client::error_of(old_replies) == "amqp:link:stolen");
  }
  SECTION("but the kind in front does not count") {
    client.link_properties[correlation] = "other:1";
    client.attach_sender(twin);
    CHECK(client.is_open(old_replies));
  }
}

TEST_CASE_METHOD(dialog_fixture, "a client runs methods over AMQP",
                 "[amqp_session]") {
  auto* const answers = client.attach_sender(methods);
  auto* const calls = client.attach_receiver(methods);
  CHECK(cloud->wants[leaf] == client_wants{true, false, false});
  constexpr auto rid = "00112233-4455-6677-8899-aabbccddeeff";
  give(method_request{leaf, rid, "reboot", own("[1]")});
  const auto asked = arrived(calls);
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].id() == rid);
  CHECK(amqp::entry_of(asked[0].sections.application, "IoThub-methodname").text
        == "reboot");
  CHECK(asked[0].sections.first_data == "[1]");

  std::string encoded;
  amqp::writer out{encoded};
  out.descriptor(amqp::properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < amqp::correlation_id_field; ++i)
    out.null();
  out.string(rid);
  out.end(list, amqp::correlation_id_field + 1);
  out.descriptor(amqp::application_section);
  const auto map = out.begin_map();
  out.string("IoThub-status");
  SECTION("and answers") {
    out.integer(201);
    out.end(map, 2);
    out.descriptor(amqp::data_section);
    out.binary("done");
    CHECK(amqp_client::outcome(client.send(answers, encoded)) == "accepted");
    REQUIRE(cloud->responses.size() == 1);
    CHECK(cloud->responses[0].by == leaf);
    CHECK(cloud->responses[0].rid == rid);
    CHECK(cloud->responses[0].status == 201);
    CHECK(cloud->responses[0].payload.view == "done");
  }
  SECTION("and an answer whose status cannot be read is one all the same") {
    out.string("201");
    out.end(map, 2);
    out.descriptor(amqp::data_section);
    out.binary("done");
    CHECK(amqp_client::outcome(client.send(answers, encoded)) == "accepted");
    REQUIRE(cloud->responses.size() == 1);
    CHECK(cloud->responses[0].status == unreadable_status);
    CHECK(cloud->responses[0].payload.empty());
  }
  SECTION("until the link goes") {
    pn_link_close(calls);
    client.turn();
    CHECK(cloud->wants[leaf] == client_wants{});
  }
}

TEST_CASE_METHOD(dialog_fixture, "calls wait for credit, but not any number",
                 "[amqp_session]") {
  auto* const calls = client.attach_receiver(methods, 0);
  for (int i = 0; i < 100; ++i)
    give(method_request{leaf, "r" + std::to_string(i), "m", {}});
  CHECK(arrived(calls).empty());
  SECTION("those that wait arrive in order") {
    pn_link_flow(calls, 100);
    client.turn();
    const auto asked = arrived(calls);
    REQUIRE(asked.size() == 100);
    CHECK(asked[99].id() == "r99");
  }
  SECTION("one too many closes the link") {
    give(method_request{leaf, "r", "m", {}});
    CHECK(amqp_client::error_of(calls) == "amqp:resource-limit-exceeded");
  }
}

TEST_CASE_METHOD(dialog_fixture,
                 "a device that confuses outcomes gets one message at a time",
                 "[amqp_session]") {
  client.link_properties["com.microsoft:client-version"]
    = "azure-iot-device/1.18.4 (node v18)";
  auto* const link = client.attach_receiver(devicebound, 10);
  for (const auto* token : {"t1", "t2", "t3"})
    give_command(token);
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(client.arrived[link].size() == i + 1);
    auto* const delivery = client.arrived[link][i].delivery;
    pn_delivery_update(delivery, i == 1 ? PN_RELEASED : PN_ACCEPTED);
    pn_delivery_settle(delivery);
    client.turn();
  }
  CHECK(decisions() == texts{"t1 complete", "t2 abandon", "t3 complete"});
}

TEST_CASE_METHOD(dialog_fixture,
                 "a device takes messages from the cloud over AMQP",
                 "[amqp_session]") {
  auto* const link = client.attach_receiver(devicebound, 2);
  CHECK(pn_link_remote_rcv_settle_mode(link) == PN_RCV_SECOND);
  CHECK(cloud->wants[leaf] == client_wants{false, false, true});
  constexpr auto token = "00112233-4455-6677-8899-aabbccddeeff";
  give_command(token, 3);
  REQUIRE(client.arrived[link].size() == 1);
  auto* const delivery = client.arrived[link][0].delivery;
  const auto tag = pn_delivery_tag(delivery);
  const auto wanted = amqp::net_order(*amqp::parse_guid(token));
  CHECK(std::string_view(tag.start, tag.size)
        == std::string_view(wanted.data(), wanted.size()));
  CHECK_FALSE(pn_delivery_settled(delivery));
  const told message{client.arrived[link][0].encoded};
  CHECK(message.sections.first_data == std::string{"go "} + token);
  CHECK(message.annotation("x-opt-lock-token") == token);
  CHECK(message.annotation("iothub-deliverycount") == "3");
  CHECK(message.annotation("x-opt-sequence-number") == "7");
  CHECK(message.annotation("iothub-enqueuedtime")
        == "2026-01-02T03:04:05.0000000Z");
  CHECK(property_field(message.sections, 2).text == "/devices/leaf-9");
  CHECK(amqp::entry_of(message.sections.application, "k").text == "v");
  CHECK(amqp::entry_of(message.sections.application, "iothub-ack").text
        == "full");
  CHECK(decisions().empty());
  const auto decide = [this, link](std::size_t index, std::uint64_t state) {
    pn_delivery_update(client.arrived[link].at(index).delivery, state);
    client.turn();
  };
  SECTION("and says what becomes of them") {
    pn_link_flow(link, 10);
    for (const auto* each : {"b", "c", "d"})
      give_command(each);
    decide(0, PN_ACCEPTED);
    CHECK(pn_delivery_settled(delivery));
    CHECK(pn_delivery_remote_state(delivery) == PN_ACCEPTED);
    decide(2, PN_RELEASED);
    decide(1, PN_REJECTED);
    decide(3, PN_MODIFIED);
    CHECK(decisions()
          == texts{std::string{token} + " complete", "c abandon", "b reject",
                   "d abandon"});
  }
  SECTION("as many as it has credit for") {
    give_command("b");
    give_command("c");
    CHECK(client.arrived[link].size() == 2);
    pn_link_flow(link, 1);
    client.turn();
    CHECK(client.arrived[link].size() == 3);
  }
  SECTION("until the link goes, and what is not decided is given back") {
    client.attach_sender(events_of_leaf); // or the connection would end
    give_command("b");
    give_command("c");
    pn_link_close(link);
    client.turn();
    CHECK(cloud->wants[leaf] == client_wants{});
    CHECK(decisions()
          == texts{std::string{token} + " abandon", "b abandon", "c abandon"});
    give_command("d");
    CHECK(decisions() == texts{"d abandon"});
  }
}

TEST_CASE_METHOD(dialog_fixture, "without credit a device wants no messages",
                 "[amqp_session]") {
  auto* const link = client.attach_receiver(devicebound, 0);
  CHECK(cloud->wants[leaf] == client_wants{});
  pn_link_flow(link, 1);
  client.turn();
  CHECK(cloud->wants[leaf] == client_wants{false, false, true});
}

TEST_CASE_METHOD(dialog_fixture, "identities on one connection are kept apart",
                 "[amqp_session]") {
  attach_twin();
  good_tokens.insert(token_for("leaf-3"));
  REQUIRE(client.put_token(token_for("leaf-3")) == 200);
  client.link_properties[correlation] = "twin:other";
  auto* const other_requests = client.attach_sender("/devices/leaf-3/twin");
  auto* const other_replies = client.attach_receiver("/devices/leaf-3/twin");
  client.send(other_requests, request{"GET"}.encode());
  CHECK(cloud->gets == std::vector{identity_id{"leaf-3", {}}});
  CHECK(arrived(other_replies).size() == 1);
  CHECK(arrived(replies).empty());
  CHECK(client.is_open(requests));
}

TEST_CASE_METHOD(amqp_fixture, "a module's link for messages from the cloud",
                 "[amqp_session]") {
  cloud = std::make_unique<fake_cloud>(sys);
  auto other = std::make_shared<memory_transport>();
  const auto module = start(other);
  amqp_client speaker{*this, other, anonymous()};
  good_tokens.insert(token_for("edge-1/modules/filter"));
  speaker.open();
  REQUIRE(speaker.put_token(token_for("edge-1/modules/filter")) == 200);
  auto* const link = speaker.attach_receiver(
    "/devices/edge-1/modules/filter/messages/deviceBound");
  CHECK(speaker.is_open(link));
  CHECK(cloud->wants[identity_id{"edge-1", "filter"}] == client_wants{});
  caf::anon_send_exit(module, caf::exit_reason::kill);
  run();
}
