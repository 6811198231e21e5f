#include "messages/amqp/method_mapping.hpp"

#include "messages/amqp/guid.hpp"
#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

#include <limits>

namespace tidegate::amqp {

std::string write_method_request(std::string_view rid, std::string_view name,
                                 std::string_view payload) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  if (const auto guid = parse_guid(rid))
    out.uuid({guid->data(), guid->size()});
  else
    out.string(rid);
  out.end(list, correlation_id_field + 1);
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("IoThub-methodname");
  out.string(name);
  out.end(map, 2);
  out.descriptor(data_section);
  out.binary(payload);
  return encoded;
}

std::optional<method_answer> read_method_answer(const message_sections& from) {
  method_answer answer;
  if (!scalar_text(property_field(from, correlation_id_field), answer.rid)
      || answer.rid.empty())
    return std::nullopt;
  const auto status = entry_of(from.application, "IoThub-status");
  using limits = std::numeric_limits<std::int32_t>;
  if (status.is == kind::integer && status.as_signed() >= limits::min()
      && status.as_signed() <= limits::max())
    answer.status = static_cast<std::int32_t>(status.as_signed());
  return answer;
}

std::optional<method_call> read_method_call(const message_sections& from) {
  const auto correlation = property_field(from, correlation_id_field);
  const auto name = entry_of(from.application, "IoThub-methodname");
  if (correlation.is == kind::null || !name.is_text() || name.text.empty())
    return std::nullopt;
  return method_call{correlation.raw, name.text};
}

std::string write_method_answer(std::string_view correlation,
                                std::int32_t status, std::string_view payload) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  out.raw(correlation);
  out.end(list, correlation_id_field + 1);
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("IoThub-status");
  out.integer(status);
  out.end(map, 2);
  out.descriptor(data_section);
  out.binary(payload);
  return encoded;
}

} // namespace tidegate::amqp
