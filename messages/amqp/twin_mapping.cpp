#include "messages/amqp/twin_mapping.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

#include <limits>

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

std::string_view name_of(twin_verb verb) {
  switch (verb) {
  case twin_verb::get:
    return "GET";
  case twin_verb::patch:
    return "PATCH";
  case twin_verb::subscribe:
    return "PUT";
  case twin_verb::unsubscribe:
    break;
  }
  return "DELETE";
}

/// What a request is about; a GET is about all of the twin.
std::string_view resource_of(twin_verb verb) {
  switch (verb) {
  case twin_verb::get:
    return {};
  case twin_verb::patch:
    return "/properties/reported";
  case twin_verb::subscribe:
  case twin_verb::unsubscribe:
    break;
  }
  return "/notifications/twin/properties/desired";
}

/// Properties with nothing but a correlation id, which is encoded already.
void write_correlation(writer& out, std::string_view encoded) {
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  out.raw(encoded);
  out.end(list, correlation_id_field + 1);
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
  write_correlation(out, correlation);
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

std::string write_twin_request(twin_verb verb, std::string_view correlation,
                               std::string_view body) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(annotations_section);
  const auto map = out.begin_map();
  out.symbol("operation");
  out.string(name_of(verb));
  const auto resource = resource_of(verb);
  if (!resource.empty()) {
    out.symbol("resource");
    out.string(resource);
  }
  out.end(map, resource.empty() ? 2 : 4);
  std::string encoded_correlation;
  writer{encoded_correlation}.string(correlation);
  write_correlation(out, encoded_correlation);
  out.descriptor(data_section);
  out.binary(body);
  return encoded;
}

twin_notice read_twin_notice(const message_sections& from) {
  twin_notice notice;
  scalar_text(property_field(from, correlation_id_field), notice.correlation);
  const auto status = entry_of(from.annotations, "status");
  using limits = std::numeric_limits<std::int32_t>;
  if ((status.is == kind::integer || status.is == kind::natural)
      && status.as_signed() >= limits::min()
      && status.as_signed() <= limits::max())
    notice.status = static_cast<std::int32_t>(status.as_signed());
  const auto version = entry_of(from.annotations, "version");
  if (version.is == kind::integer || version.is == kind::natural)
    notice.version = version.as_signed();
  return notice;
}

} // namespace tidegate::amqp
