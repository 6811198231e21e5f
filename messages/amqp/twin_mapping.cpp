#include "messages/amqp/twin_mapping.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

namespace tidegate::amqp {

namespace {

std::optional<twin_verb> verb_named(std::string_view name) {
  if (name == "GET")
    return twin_verb::get;
  if (name == "PATCH")
    return twin_verb::patch;
  if (name == "PUT")
    return twin_verb::subscribe;
  if (name == "DELETE")
    return twin_verb::unsubscribe;
  return std::nullopt;
}

} // namespace

std::optional<twin_request> read_twin_request(const message_sections& from,
                                              std::string& why) {
  const auto correlation = property_field(from, correlation_id_field);
  if (correlation.is == kind::null) {
    why = "a twin request has no correlation-id";
    return std::nullopt;
  }
  const auto operation = entry_of(from.annotations, "operation");
  const auto verb
    = operation.is_text() ? verb_named(operation.text) : std::nullopt;
  if (!verb) {
    why = "a twin request names no operation of the hub";
    return std::nullopt;
  }
  const bool is_empty
    = (correlation.is_text() || correlation.is == kind::binary)
      && correlation.text.empty();
  return twin_request{*verb, is_empty ? std::string_view{} : correlation.raw};
}

std::string write_twin_reply(std::string_view correlation, int status,
                             std::string_view body) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(annotations_section);
  const auto map = out.begin_map();
  out.symbol("status");
  out.integer(status);
  out.end(map, 2);
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  out.raw(correlation);
  out.end(list, correlation_id_field + 1);
  out.descriptor(data_section);
  out.binary(body);
  return encoded;
}

std::string write_desired_update(std::string_view patch) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(data_section);
  out.binary(patch);
  return encoded;
}

} // namespace tidegate::amqp
