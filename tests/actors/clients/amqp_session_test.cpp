#include "amqp_fixture.hpp"
#include "messages/amqp/writer.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using fixture = amqp_fixture;

std::string batch_of(const std::vector<std::string>& messages) {
  std::string encoded;
  for (const auto& each : messages) {
    amqp::write_data_header(encoded, each.size());
    encoded.append(each);
  }
  return encoded;
}

/// Further links in a session beside that of `beside`, numbered.
void attach_many(amqp_client& client, pn_link_t* beside, int from, int to) {
  auto* const session
    = pn_session(pn_session_connection(pn_link_session(beside)));
  pn_session_open(session);
  for (int i = from; i < to; ++i) {
    const auto number = std::to_string(i);
    auto* const link = pn_sender(session, ("further-" + number).c_str());
    const auto address
      = "/devices/edge-1/modules/m" + number + "/messages/events";
    pn_terminus_set_address(pn_link_target(link), address.c_str());
    pn_link_open(link);
  }
  client.turn();
}

} // namespace

using texts = std::vector<std::string>;

TEST_CASE_METHOD(fixture, "events are accepted once they are stored",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  CHECK(client.is_open(link));
  CHECK(pn_link_credit(link) == 1000);
  CHECK(pn_link_remote_max_message_size(link) == 1'048'576);
  auto* const first = client.send(link, message("one", {{"level", "warn"}}));
  CHECK(amqp_client::outcome(first) == "accepted");
  CHECK(stored() == texts{"one"});
  const auto& block = *memory.lanes[1].blocks[0].data;
  CHECK(block.head(0)->sender == identity_id{"leaf-9", {}});
  CHECK(block.head(0)->user == std::vector<property>{{"level", "warn"}});
  CHECK(connected({"leaf-9", {}}));
}

TEST_CASE_METHOD(fixture, "messages with equal properties share a head",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  for (int i = 0; i < 50; ++i)
    client.queue(link, message(std::to_string(i), {{"k", "v"}}));
  client.turn();
  const auto& block = *memory.lanes[1].blocks.back().data;
  REQUIRE(block.size() == 50);
  CHECK(block.head(0) == block.head(49));
}

TEST_CASE_METHOD(fixture, "a batch is stored message by message",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  auto* const sent = client.send(
    link, batch_of({message("a"), message("b", {{"k", "v"}}), message("c")}));
  CHECK(amqp_client::outcome(sent) == "accepted");
  CHECK(stored() == texts{"a", "b", "c"});
  SECTION("or not at all") {
    const std::string large(262'145, 'x');
    auto* const bad
      = client.send(link, batch_of({message("d"), message(large)}));
    CHECK(amqp_client::outcome(bad) == "amqp:not-allowed");
    CHECK(stored() == texts{"a", "b", "c"});
  }
}

TEST_CASE_METHOD(fixture, "messages that are too large are rejected",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  auto outcome_of = [&](std::size_t size) {
    return amqp_client::outcome(
      client.send(link, message(std::string(size, 'x'))));
  };
  CHECK(outcome_of(262'100) == "accepted");
  CHECK(outcome_of(262'145) == "amqp:link:message-size-exceeded");
  CHECK(outcome_of(700'000) == "amqp:not-allowed");
  SECTION("and one past the link's limit closes the link") {
    client.send(link, message(std::string(1'100'000, 'x')));
    CHECK(amqp_client::error_of(link) == "amqp:link:message-size-exceeded");
  }
}

TEST_CASE_METHOD(fixture, "messages with too many properties are rejected",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  std::vector<property> properties;
  for (int i = 0; i < 512; ++i)
    properties.push_back({"p" + std::to_string(i), "1"});
  CHECK(amqp_client::outcome(client.send(link, message("x", properties)))
        == "accepted");
  properties.push_back({"one-more", "1"});
  CHECK(amqp_client::outcome(client.send(link, message("x", properties)))
        == "amqp:not-allowed");
  CHECK(stored() == texts{"x"});
  CHECK(meters
          ->counter("tidegate_messages_refused_total",
                    "Messages from clients that were not taken.",
                    {{"id", "leaf-9"}, {"reason", "too_many_properties"}})
          .Value()
        == 1);
}

TEST_CASE_METHOD(fixture, "rubbish is rejected and costs nobody else anything",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  CHECK(amqp_client::outcome(client.send(link, "rubbish"))
        == "amqp:not-allowed");
  CHECK(amqp_client::outcome(client.send(link, message("x"))) == "accepted");
}

TEST_CASE_METHOD(fixture, "a full store is told as throttling",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  memory.failing = ec::store_full;
  CHECK(amqp_client::outcome(client.send(link, message("x")))
        == "com.microsoft:device-container-throttled");
}

TEST_CASE_METHOD(fixture,
                 "what a client sends before it knows of a refusal is refused",
                 "[amqp_session]") {
  constexpr auto throttled = "com.microsoft:device-container-throttled";
  join();
  good_tokens.insert(token_for("leaf-10"));
  REQUIRE(client.put_token(token_for("leaf-10")) == 200);
  auto* const link = client.attach_sender(events_of_leaf);
  auto* const other = client.attach_sender("/devices/leaf-10/messages/events");
  memory.failing = ec::store_full;
  CHECK(amqp_client::outcome(client.send(link, message("1"))) == throttled);
  memory.failing = {};
  CHECK(pn_link_get_drain(link));
  CHECK(amqp_client::outcome(client.send(link, message("2"))) == throttled);
  CHECK(amqp_client::outcome(client.send(other, message("3"))) == "accepted");
  SECTION("until it has given its credit back") {
    pn_link_drained(link);
    client.turn();
    CHECK(pn_link_credit(link) == 1000);
    CHECK_FALSE(pn_link_get_drain(link));
    CHECK(amqp_client::outcome(client.send(link, message("1"))) == "accepted");
    CHECK(amqp_client::outcome(client.send(link, message("2"))) == "accepted");
    CHECK(stored() == texts{"3", "1", "2"});
    pass(10s);
    client.turn();
    CHECK(client.is_open(link));
  }
  SECTION("until it has used its credit up") {
    for (int i = 2; i < 1000; ++i)
      client.queue(link, message("x"));
    client.turn();
    CHECK(stored() == texts{"3"});
    CHECK(pn_link_credit(link) == 1000);
    CHECK(amqp_client::outcome(client.send(link, message("1"))) == "accepted");
  }
  SECTION("and if it does not, its link is closed") {
    pass(5s);
    client.turn();
    CHECK_FALSE(client.is_open(link));
    CHECK(amqp_client::error_of(link) == throttled);
    CHECK(client.is_open(other));
    pn_link_close(link);
    auto* const again = client.attach_sender(events_of_leaf);
    CHECK(amqp_client::outcome(client.send(again, message("1"))) == "accepted");
  }
}

TEST_CASE_METHOD(fixture, "a wrong key is found out when a link opens",
                 "[amqp_session]") {
  client.open();
  CHECK(client.put_token(token_for("leaf-9")) == 200);
  auto* const link = client.attach_sender(events_of_leaf);
  CHECK(amqp_client::error_of(link) == "amqp:not-allowed");
  CHECK_FALSE(connected({"leaf-9", {}}));
  CHECK_FALSE(wire->is_introduced);
}

TEST_CASE_METHOD(fixture, "put-token refuses what is no token or too old",
                 "[amqp_session]") {
  client.open();
  CHECK(client.put_token(token_for("leaf-9", "1000")) == 400);
  CHECK(client.put_token("SharedAccessSignature nonsense") == 400);
  CHECK(
    client.put_token("SharedAccessSignature sr=a&sig=YQ%3D%3D&se=9999999999")
    == 400);
}

TEST_CASE_METHOD(fixture, "links that are not served say why",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  const auto error_of
    = [&](pn_link_t* made) { return amqp_client::error_of(made); };
  CHECK(error_of(client.attach_sender("/devices/leaf-9/nothing"))
        == "amqp:not-found");
  CHECK(error_of(client.attach_receiver("/devices/leaf-9/messages/events"))
        == "amqp:not-found");
  CHECK(error_of(client.attach_sender("/devices/other/messages/events"))
        == "amqp:not-allowed");
  for (const auto* address :
       {"/devices/leaf-9/twin", "/devices/leaf-9/methods/deviceBound",
        "/devices/leaf-9/messages/deviceBound"})
    CHECK(error_of(client.attach_receiver(address)) == "amqp:not-implemented");
  CHECK(client.is_open(link));
}

TEST_CASE_METHOD(fixture, "a second link of a kind closes the first",
                 "[amqp_session]") {
  join();
  auto* const first = client.attach_sender(events_of_leaf);
  auto* const second = client.attach_sender(events_of_leaf);
  CHECK(amqp_client::error_of(first) == "amqp:link:stolen");
  CHECK(client.is_open(second));
  CHECK(amqp_client::outcome(client.send(second, message("x"))) == "accepted");
}

TEST_CASE_METHOD(fixture, "one connection speaks for many identities",
                 "[amqp_session]") {
  join();
  const auto hub_token = token_for("edge-3/modules/%24edgeHub");
  good_tokens.insert(hub_token);
  REQUIRE(client.put_token(hub_token) == 200);
  auto* const own = client.attach_sender(events_of_leaf);
  auto* const leaf
    = client.attach_sender("/devices/leaf-3/messages/events", "leaf-3;edge-3");
  CHECK(client.is_open(own));
  CHECK(client.is_open(leaf));
  CHECK(questions.back().token == hub_token);
  CHECK(questions.back().auth_chain == "leaf-3;edge-3");
  client.send(leaf, message("x"));
  CHECK(memory.lanes[1].blocks[0].data->head(0)->sender
        == identity_id{"leaf-3", {}});
  SECTION("and one that is replaced takes only its own links with it") {
    caf::anon_send(session, replaced{{"leaf-3", {}}, "elsewhere"});
    run();
    client.turn();
    CHECK(amqp_client::error_of(leaf) == "amqp:link:detach-forced");
    CHECK(client.is_open(own));
  }
}

TEST_CASE_METHOD(fixture, "a connection of strangers may have fewer links",
                 "[amqp_session]") {
  client.open();
  auto* const link = client.attach_sender(events_of_leaf);
  CHECK(client.error_of(link) == "amqp:not-allowed");
  attach_many(client, link, 0, 1000);
  CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
}

TEST_CASE_METHOD(fixture, "what one connection may hold is bounded",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  auto* const transport = client.engine.transport();
  CHECK(pn_transport_get_remote_max_frame(transport) == 65'536);
  CHECK(pn_transport_remote_channel_max(transport) <= 1000);
  SECTION("in links") {
    any_token_is_good = true;
    constexpr int most = 40'000, at_once = 1'000;
    for (int i = 0; i < most - at_once; i += at_once)
      attach_many(client, link, i, i + at_once);
    CHECK(client.connection_error().empty());
    attach_many(client, link, most - at_once, most);
    CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
  }
  SECTION("in incomplete transfers") {
    const std::string part(900'000, 'x');
    for (int i = 0; i < 5; ++i) {
      CHECK(client.connection_error().empty());
      const auto id = "leaf-" + std::to_string(i);
      good_tokens.insert(token_for(id));
      REQUIRE(client.put_token(token_for(id)) == 200);
      auto* const other
        = client.attach_sender("/devices/" + id + "/messages/events");
      pn_delivery(other, pn_dtag("t", 1));
      pn_link_send(other, part.data(), part.size());
      client.turn();
    }
    CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
  }
}

TEST_CASE_METHOD(fixture, "the connection ends with its last link",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  pn_link_close(link);
  client.turn();
  CHECK_FALSE(connected({"leaf-9", {}}));
  SECTION("soon, if the client does not end it") {
    pass(4s);
    CHECK_FALSE(wire->is_closed);
    pass(1s);
    client.turn();
    CHECK(client.session_ended());
    CHECK(wire->is_closed);
  }
  SECTION("but not if the client comes back") {
    pass(4s);
    client.attach_sender(events_of_leaf);
    pass(1s);
    CHECK_FALSE(wire->is_closed);
  }
}

TEST_CASE_METHOD(fixture, "credit comes back as messages are stored",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  for (int i = 0; i < 900; ++i)
    client.queue(link, message("x"));
  client.turn();
  CHECK(pn_link_credit(link) == 1000);
  CHECK(stored().size() == 900);
}

TEST_CASE_METHOD(fixture, "bytes are given back when messages are decided",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  client.send(link, message(std::string(200'000, 'x')));
  CHECK(wire->given_back > 200'000);
}

TEST_CASE_METHOD(fixture,
                 "verification is repeated, and failing it ends the "
                 "identity's links",
                 "[amqp_session]") {
  join();
  auto* const link = client.attach_sender(events_of_leaf);
  SECTION("while it cannot be asked, nothing changes") {
    authenticator_offline = true;
    pass(5min);
    client.turn();
    CHECK(client.is_open(link));
  }
  SECTION("a new token keeps it alive") {
    const auto renewed = token_for("leaf-9", "4102444801");
    good_tokens = {renewed};
    CHECK(client.put_token(renewed) == 200);
    pass(5min);
    client.turn();
    CHECK(client.is_open(link));
  }
  SECTION("an old one does not") {
    good_tokens.clear();
    pass(5min);
    client.turn();
    CHECK(amqp_client::error_of(link) == "amqp:not-allowed");
    CHECK_FALSE(connected({"leaf-9", {}}));
  }
}

TEST_CASE_METHOD(fixture, "a connection that is not opened in time is closed",
                 "[amqp_session]") {
  pass(59s);
  CHECK_FALSE(wire->is_closed);
  pass(1s);
  CHECK(wire->is_closed);
}

TEST_CASE_METHOD(fixture, "a stop is announced to the client",
                 "[amqp_session]") {
  join();
  client.attach_sender(events_of_leaf);
  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  run();
  client.turn();
  CHECK(client.connection_error() == "amqp:link:detach-forced");
  CHECK(client.session_ended());
  CHECK(wire->is_closed);
}

TEST_CASE_METHOD(session_node, "the ways to authenticate at the protocol level",
                 "[amqp_session]") {
  auto wire = std::make_shared<memory_transport>();
  wire->near = sys.spawn(amqp_session, share(context()), wire);
  const auto end
    = [&] { caf::anon_send_exit(wire->near, caf::exit_reason::kill); };
  SECTION("no SASL at all") {
    amqp_client client{*this, wire,
                       proton::connection_options{}.sasl_enabled(false)};
    client.open();
    good_tokens.insert(token_for("leaf-9"));
    CHECK(client.put_token(token_for("leaf-9")) == 200);
    CHECK(client.is_open(client.attach_sender(events_of_leaf)));
  }
  SECTION("PLAIN with a good token") {
    good_tokens.insert("secret");
    amqp_client client{*this, wire,
                       proton::connection_options{}
                         .user("leaf-9@sas.tidehub")
                         .password("secret")
                         .sasl_allow_insecure_mechs(true)
                         .sasl_allowed_mechs("PLAIN")};
    client.open();
    CHECK(client.is_open(client.attach_sender(events_of_leaf)));
  }
  SECTION("PLAIN with a bad token") {
    amqp_client client{*this, wire,
                       proton::connection_options{}
                         .user("leaf-9@sas.tidehub")
                         .password("wrong")
                         .sasl_allow_insecure_mechs(true)
                         .sasl_allowed_mechs("PLAIN")};
    client.open();
    CHECK(wire->is_closed);
  }
  SECTION("an idle time-out that is too short") {
    amqp_client client{*this, wire,
                       proton::connection_options{anonymous()}.idle_timeout(
                         proton::duration{8000})};
    client.open();
    CHECK(client.connection_error() == "amqp:not-allowed");
  }
  end();
}

namespace {

struct module_fixture : fixture {
  caf::actor route
    = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const delivered& news) { answers.push_back(news); }};
      });
  std::vector<delivered> answers;
  pn_link_t* link = nullptr;

  ~module_fixture() {
    caf::anon_send_exit(route, caf::exit_reason::user_shutdown);
  }

  void attach(int credit = 100) {
    join("edge-1/modules/filter");
    link = client.attach_receiver(
      "/devices/edge-1/modules/filter/messages/events", credit);
  }

  void give(const std::vector<std::string>& payloads, std::uint64_t first = 0) {
    auto head = std::make_shared<message_head>();
    head->system = {{"connectionDeviceId", "leaf-9"}};
    head->user = {{"k", "v"}};
    block_builder builder{now};
    for (const auto& payload : payloads)
      builder.add(head, payload);
    const stored_block block{first, builder.finish()};
    caf::anon_send(session,
                   deliver{route,
                           "in1",
                           {{lane_id{4}, block, 0,
                             static_cast<std::uint32_t>(payloads.size())}},
                           "edge-1/filter/in1"});
    run();
    client.turn();
  }

  void decide(std::size_t index, std::uint64_t state) {
    auto* const delivery = client.arrived[link].at(index).delivery;
    pn_delivery_update(delivery, state);
    pn_delivery_settle(delivery);
  }
};

} // namespace

TEST_CASE_METHOD(module_fixture, "a module receives its inputs",
                 "[amqp_session]") {
  attach();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].sink_prefix == "edge-1/filter/");
  CHECK(ready[0].target == session);
  give({"one", "two"});
  REQUIRE(client.arrived[link].size() == 2);
  amqp::message_sections sections;
  std::string why;
  const auto encoded = client.arrived[link][0].encoded;
  REQUIRE(amqp::split_sections(encoded, sections, why));
  CHECK(sections.first_data == "one");
  CHECK(sections.annotations.text.find("x-opt-input-name")
        != std::string_view::npos);
  CHECK(sections.annotations.text.find("in1") != std::string_view::npos);
  CHECK(pn_delivery_tag(client.arrived[link][0].delivery).size == 16);
  CHECK(answers.empty());
  decide(0, PN_ACCEPTED);
  decide(1, PN_ACCEPTED);
  client.turn();
  REQUIRE(answers.size() == 1);
  REQUIRE(answers[0].ranges.size() == 1);
  CHECK(answers[0].ranges[0].count == 2);
  CHECK(answers[0].ranges[0].result == delivery_result::done);
}

TEST_CASE_METHOD(module_fixture, "what a module decides is what becomes of it",
                 "[amqp_session]") {
  attach();
  give({"a", "b", "c", "d"}, 10);
  decide(0, PN_ACCEPTED);
  decide(1, PN_REJECTED);
  decide(2, PN_RELEASED);
  decide(3, PN_MODIFIED);
  client.turn();
  REQUIRE(answers.size() == 1);
  std::map<std::uint64_t, delivery_result> results;
  for (const auto& range : answers[0].ranges)
    for (std::uint32_t i = 0; i < range.count; ++i)
      results[range.first + i] = range.result;
  CHECK(
    results
    == std::map<std::uint64_t, delivery_result>{{10, delivery_result::done},
                                                {11, delivery_result::poison},
                                                {12, delivery_result::retry},
                                                {13, delivery_result::retry}});
}

TEST_CASE_METHOD(module_fixture,
                 "a client that confuses outcomes gets one message at a time",
                 "[amqp_session]") {
  client.link_properties["com.microsoft:client-version"]
    = "azure-iot-device/1.18.4 (node v18)";
  attach();
  give({"one", "two", "three"});
  CHECK(client.arrived[link].size() == 1);
  decide(0, PN_ACCEPTED);
  client.turn();
  CHECK(client.arrived[link].size() == 2);
  decide(1, PN_RELEASED);
  client.turn();
  CHECK(client.arrived[link].size() == 3);
}

TEST_CASE_METHOD(module_fixture, "a module's credit limits what it is sent",
                 "[amqp_session]") {
  attach(0);
  CHECK(ready.empty());
  pn_link_flow(link, 1);
  client.turn();
  CHECK(ready.size() == 1);
  give({"one", "two"});
  CHECK(client.arrived[link].size() == 1);
  pn_link_flow(link, 1);
  client.turn();
  CHECK(client.arrived[link].size() == 2);
}

TEST_CASE_METHOD(module_fixture,
                 "what a module does not settle in 30 s is "
                 "sent again by its route",
                 "[amqp_session]") {
  attach();
  give({"one", "two"});
  decide(0, PN_ACCEPTED);
  client.turn();
  answers.clear();
  pass(30s);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].ranges[0].first == 1);
  CHECK(answers[0].ranges[0].result == delivery_result::retry);
  SECTION("and a late word about it changes nothing") {
    decide(1, PN_ACCEPTED);
    client.turn();
    CHECK(answers.size() == 1);
  }
}

TEST_CASE_METHOD(module_fixture, "a module that detaches is no target any more",
                 "[amqp_session]") {
  attach();
  give({"one"});
  pn_link_close(link);
  client.turn();
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].sink_prefix == "edge-1/filter/");
}

TEST_CASE_METHOD(amqp_fixture,
                 "a token is answered where its client listened last",
                 "[amqp_session]") {
  client.open();
  auto* const requests = client.attach_sender("$cbs");
  auto* const before = client.attach_receiver("$cbs");
  auto* const after = client.attach_receiver("$cbs");
  CHECK(client.error_of(before) == "amqp:link:stolen");
  client.send(requests,
              amqp::write_put_token("m-1", "any", token_for("leaf-9")));
  CHECK(client.arrived[before].empty());
  CHECK(client.arrived[after].size() == 1);
}
