#include "messages/amqp/cbs.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"
#include "messages/message_head.hpp"

namespace tidegate::amqp {

namespace {

constexpr std::string_view token_type = "servicebus.windows.net:sastoken";
constexpr std::string_view other_token_type = "azure-devices.net:sastoken";

std::string_view text(const message_sections& from, std::string_view name) {
  const auto found = entry_of(from.application, name);
  return found.is_text() ? found.text : std::string_view{};
}

} // namespace

std::optional<put_token> read_put_token(const message_sections& from,
                                        std::string_view& message_id,
                                        std::string& why) {
  const auto id = property_field(from, message_id_field);
  message_id = id.is == kind::null ? std::string_view{} : id.raw;
  const auto type = text(from, "type");
  if (!equal_without_case(text(from, "operation"), "put-token"))
    why = "the operation is not put-token";
  else if (!equal_without_case(type, token_type)
           && !equal_without_case(type, other_token_type))
    why = "unknown type of token";
  else if (text(from, "name").empty())
    why = "the name is missing";
  else if (from.body_value.is != kind::string)
    why = "the body is not a text";
  else
    return put_token{message_id, text(from, "name"), from.body_value.text};
  return std::nullopt;
}

std::string write_put_token(std::string_view message_id,
                            std::string_view audience, std::string_view token) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  out.string(message_id);
  out.null(); // user-id
  out.string("$cbs");
  out.null(); // subject
  out.string("cbs");
  out.end(list, 5);
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("operation");
  out.string("put-token");
  out.string("type");
  out.string(token_type);
  out.string("name");
  out.string(audience);
  out.end(map, 6);
  out.descriptor(value_section);
  out.string(token);
  return encoded;
}

std::string write_cbs_reply(std::string_view request_id, int status,
                            std::string_view description) {
  std::string encoded;
  writer out{encoded};
  if (!request_id.empty()) {
    out.descriptor(properties_section);
    const auto list = out.begin_list();
    for (std::uint32_t i = 0; i < correlation_id_field; ++i)
      out.null();
    out.raw(request_id);
    out.end(list, correlation_id_field + 1);
  }
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("status-code");
  out.integer(status);
  out.string("status-description");
  out.string(description);
  out.end(map, 4);
  out.descriptor(value_section);
  out.null();
  return encoded;
}

std::optional<cbs_reply> read_cbs_reply(const message_sections& from) {
  const auto status = entry_of(from.application, "status-code");
  if (status.is != kind::integer && status.is != kind::natural)
    return std::nullopt;
  cbs_reply reply;
  reply.status = static_cast<int>(status.as_signed());
  scalar_text(property_field(from, correlation_id_field), reply.correlation_id);
  reply.description = text(from, "status-description");
  return reply;
}

} // namespace tidegate::amqp
