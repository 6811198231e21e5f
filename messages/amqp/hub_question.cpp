#include "messages/amqp/hub_question.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"
#include "messages/message_head.hpp"

namespace tidegate::amqp {

namespace {

constexpr std::uint32_t reply_to_field = 4;
constexpr std::string_view hub_type = "com.microsoft:eventhub";
constexpr std::string_view partition_type = "com.microsoft:partition";
constexpr std::string_view only_partition = "0";

std::string_view text_of(const value& from) {
  return from.is_text() ? from.text : std::string_view{};
}

hub_question::kind kind_of(const value& application) {
  const auto type = text_of(entry_of(application, "type"));
  if (!equal_without_case(text_of(entry_of(application, "operation")), "READ"))
    return hub_question::kind::other;
  if (equal_without_case(type, hub_type))
    return hub_question::kind::hub;
  return equal_without_case(type, partition_type)
           ? hub_question::kind::partition
           : hub_question::kind::other;
}

void write_front(writer& out, std::string_view message_id, int status,
                 std::string_view description) {
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  out.raw(message_id);
  out.end(list, correlation_id_field + 1);
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("status-code");
  out.integer(status);
  out.string("status-description");
  out.string(description);
  out.end(map, 4);
  out.descriptor(value_section);
}

void write_names(writer& out, std::string_view entity, std::string_view type) {
  out.string("name");
  out.string(entity);
  out.string("type");
  out.string(type);
}

} // namespace

std::optional<hub_question> read_hub_question(const message_sections& from) {
  hub_question found;
  const auto id = property_field(from, message_id_field);
  if (id.is == kind::null)
    return std::nullopt;
  found.message_id = id.raw;
  found.reply_to = text_of(property_field(from, reply_to_field));
  found.is = kind_of(from.application);
  found.partition = text_of(entry_of(from.application, "partition"));
  return found;
}

std::string write_hub_answer(std::string_view message_id,
                             std::string_view entity) {
  std::string encoded;
  writer out{encoded};
  write_front(out, message_id, 200, "OK");
  const auto map = out.begin_map();
  write_names(out, entity, hub_type);
  out.string("created_at");
  out.timestamp(0);
  out.string("partition_count");
  out.integer(1);
  out.string("partition_ids");
  out.strings({only_partition});
  out.end(map, 10);
  return encoded;
}

std::string write_partition_answer(std::string_view message_id,
                                   std::string_view entity,
                                   const partition_facts& facts) {
  const auto last = static_cast<std::int64_t>(facts.next) - 1;
  std::string encoded;
  writer out{encoded};
  write_front(out, message_id, 200, "OK");
  const auto map = out.begin_map();
  write_names(out, entity, partition_type);
  out.string("partition");
  out.string(only_partition);
  out.string("begin_sequence_number");
  out.long_integer(static_cast<std::int64_t>(facts.oldest));
  out.string("last_enqueued_sequence_number");
  out.long_integer(last);
  out.string("last_enqueued_offset");
  out.string(std::to_string(last));
  out.string("last_enqueued_time_utc");
  out.timestamp(facts.last_enqueued.time_since_epoch().count());
  out.string("is_partition_empty");
  out.boolean(facts.oldest >= facts.next);
  out.end(map, 16);
  return encoded;
}

std::string write_hub_refusal(std::string_view message_id, int status,
                              std::string_view why) {
  std::string encoded;
  writer out{encoded};
  write_front(out, message_id, status, why);
  out.null();
  return encoded;
}

} // namespace tidegate::amqp
