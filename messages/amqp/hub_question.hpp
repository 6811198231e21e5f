#pragma once

#include "messages/amqp/sections.hpp"
#include "messages/block.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// What a reader of events asks the node `$management`, as Event Hubs has it.
/// Views point into the message.
struct hub_question {
  enum class kind : std::uint8_t { hub, partition, other };
  kind is = kind::other;
  std::string_view message_id; ///< encoded, to be echoed
  std::string_view reply_to;
  std::string_view partition;
};

/// Reads a question; nothing when it has no id to answer to.
std::optional<hub_question> read_hub_question(const message_sections& from);

/// What is known of the one partition of an event log.
struct partition_facts {
  std::uint64_t oldest = 0;
  std::uint64_t next = 0; ///< one behind the last event
  wall_time last_enqueued{};
};

/// The answers, encoded.
std::string write_hub_answer(std::string_view message_id,
                             std::string_view entity);
std::string write_partition_answer(std::string_view message_id,
                                   std::string_view entity,
                                   const partition_facts& facts);
std::string write_hub_refusal(std::string_view message_id, int status,
                              std::string_view why);

} // namespace tidegate::amqp
