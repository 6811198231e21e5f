#include "actors/uplink/upstream_batch.hpp"

#include "messages/amqp/batch.hpp"
#include "messages/amqp/head_mapping.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

using namespace tidegate;

namespace {

head_ptr head_with(std::string value) {
  auto head = std::make_shared<message_head>();
  head->sender = {"edge-1", "pump"};
  head->user = {{"k", std::move(value)}};
  return head;
}

} // namespace

TEST_CASE("what the uplink batches, a hub takes apart", "[uplink]") {
  rc::prop("any payloads and heads", [] {
    const auto heads = std::vector{head_with("a"), head_with("b")};
    const auto payloads = *rc::gen::nonEmpty<std::vector<std::string>>();
    upstream_batch subject;
    for (std::size_t i = 0; i < payloads.size(); ++i)
      subject.add(heads[i % 2], payloads[i]);
    amqp::batch found;
    std::string why;
    RC_ASSERT(amqp::split_batch(subject.encoded(), found, why));
    RC_ASSERT(found.is_batch);
    RC_ASSERT(found.messages.size() == payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      RC_ASSERT(found.messages[i].first_data == payloads[i]);
      const auto read
        = amqp::read_head(found.messages[i], {"edge-1", "pump"}, {}, why);
      RC_ASSERT(read);
      RC_ASSERT(read->user == heads[i % 2]->user);
    }
  });
}

TEST_CASE("a batch stays within what a parent takes", "[uplink]") {
  upstream_batch subject;
  const auto head = head_with("x");
  const std::string payload(1000, 'p');
  while (subject.fits(head, payload))
    subject.add(head, payload);
  CHECK(subject.count() > 100);
  CHECK(subject.size() <= amqp::largest_transfer);
}

TEST_CASE("one message alone is no batch", "[uplink]") {
  upstream_batch subject;
  subject.set_single(head_with("x"), "payload");
  amqp::batch found;
  std::string why;
  REQUIRE(amqp::split_batch(subject.encoded(), found, why));
  CHECK_FALSE(found.is_batch);
  CHECK(found.messages[0].first_data == "payload");
}
