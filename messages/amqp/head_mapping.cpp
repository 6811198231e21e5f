#include "messages/amqp/head_mapping.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/amqp/writer.hpp"
#include "messages/iothub/system_properties.hpp"

#include <array>
#include <charconv>

namespace tidegate::amqp {

bool has_too_many_properties(const message_sections& from) {
  return from.application.count > 2 * most_properties
         || from.annotations.count > 2 * most_properties;
}

namespace {

/// How a field of the properties section is written.
enum class field_form { none, string, symbol, binary, time };

struct field {
  std::string_view internal; ///< empty: not mapped
  field_form form = field_form::none;
};

/// The properties section, field by field (AMQP 1.0, 3.2.4).
constexpr std::array fields{
  field{"messageId", field_form::string},
  field{"userId", field_form::binary},
  field{"to", field_form::string},
  field{},
  field{},
  field{"cid", field_form::string},
  field{"contentType", field_form::symbol},
  field{"contentEncoding", field_form::symbol},
  field{"absolute-expiry-time", field_form::time},
};

struct name_pair {
  std::string_view wire;
  std::string_view internal;
};

constexpr std::array annotation_names{
  name_pair{"iothub-enqueuedtime", "enqueuedTime"},
  name_pair{"iothub-deliverycount", "deliveryCount"},
  name_pair{"x-opt-sequence-number", "sequenceNumber"},
  name_pair{"x-opt-lock-token", "lockToken"},
  name_pair{"iothub-interface-id", "iothub-interface-id"},
  name_pair{"dt-subject", "dt-subject"},
};

constexpr std::array application_names{
  name_pair{"iothub-message-schema", "messageSchema"},
  name_pair{"iothub-creation-time-utc", "creationTime"},
  name_pair{"iothub-operation", "operation"},
  name_pair{"iothub-outputname", "outputName"},
};

/// What readers of events are told besides the event's place.
constexpr std::array event_annotation_names{
  name_pair{"iothub-connection-device-id", "connectionDeviceId"},
  name_pair{"iothub-connection-module-id", "connectionModuleId"},
  name_pair{"iothub-connection-auth-method", "connectionAuthMethod"},
  name_pair{"iothub-interface-id", "iothub-interface-id"},
  name_pair{"dt-subject", "dt-subject"},
  name_pair{"dt-dataschema", "modelId"},
};

/// Where an event comes from, as IoT Hub calls it.
std::string_view event_source(const message_head& head) {
  return message_source(head) == "/twinChangeNotifications" ? "twinChangeEvents"
                                                            : "Telemetry";
}

template <std::size_t Size>
std::string_view internal_of(const std::array<name_pair, Size>& names,
                             std::string_view wire) {
  for (const auto& pair : names)
    if (pair.wire == wire)
      return pair.internal;
  return {};
}

std::optional<std::string> text_of(const value& from) {
  std::string text;
  if (!scalar_text(from, text))
    return std::nullopt;
  return text;
}

bool read_fields(const value& list, message_head& head) {
  reader in{list.text};
  value entry;
  for (std::uint32_t i = 0; i < list.count; ++i) {
    if (!in.next(entry))
      return false;
    if (i < fields.size() && !fields[i].internal.empty()
        && entry.is != kind::null)
      head.system.push_back({std::string{fields[i].internal}, text_of(entry)});
  }
  return in.at_end();
}

/// Calls `keep(key, value)` for each pair with a text as key.
template <class Keep>
bool read_map(const value& map, Keep keep) {
  reader in{map.text};
  value key;
  value entry;
  for (std::uint32_t i = 0; i < map.count; i += 2) {
    if (!in.next(key) || !in.next(entry))
      return false;
    if (key.is_text())
      keep(key.text, entry);
  }
  return in.at_end();
}

bool read_annotations(const value& map, message_head& head) {
  return read_map(map, [&head](std::string_view key, const value& entry) {
    const auto internal = internal_of(annotation_names, key);
    if (!internal.empty())
      set_property(head.system, internal, text_of(entry));
  });
}

bool read_application(const value& map, message_head& head) {
  return read_map(map, [&head](std::string_view key, const value& entry) {
    const auto internal = internal_of(application_names, key);
    if (!internal.empty())
      set_property(head.system, internal, text_of(entry));
    else
      set_property(head.user, key, text_of(entry));
  });
}

const std::string* system_text(const message_head& head,
                               std::string_view internal) {
  const auto* found = find_property(head.system, internal);
  return found && found->value ? &*found->value : nullptr;
}

void write_text(writer& out, const std::string* text) {
  if (text)
    out.string(*text);
  else
    out.null();
}

void write_field(writer& out, field_form form, const std::string* text) {
  if (!text)
    return out.null();
  switch (form) {
  case field_form::string:
    return out.string(*text);
  case field_form::symbol:
    return out.symbol(*text);
  case field_form::binary:
    return out.binary(*text);
  case field_form::time:
    if (const auto at = parse_time(*text))
      return out.timestamp(*at);
    return out.null();
  case field_form::none:
    return out.null();
  }
}

void write_properties(writer& out, const message_head& head) {
  std::array<const std::string*, fields.size()> texts{};
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; i < fields.size(); ++i)
    if (!fields[i].internal.empty()
        && (texts[i] = system_text(head, fields[i].internal)))
      used = i + 1;
  if (used == 0)
    return;
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < used; ++i)
    write_field(out, fields[i].form, texts[i]);
  out.end(list, used);
}

/// Whether the acknowledgement that is wanted is a property of the node's own.
bool has_ack(const message_head& head) {
  return system_text(head, "ack") && !find_property(head.user, "iothub-ack");
}

/// Writes one pair per mapped system property that is there, then one per
/// user property.
void write_application(writer& out, const message_head& head,
                       bool with_output) {
  std::uint32_t count = 0;
  writer::open map;
  const auto key = [&](std::string_view name) {
    if (count == 0) {
      out.descriptor(application_section);
      map = out.begin_map();
    }
    out.string(name);
    count += 2;
  };
  for (const auto& [wire, internal] : application_names) {
    if (internal == "outputName" && !with_output)
      continue;
    if (const auto* text = system_text(head, internal)) {
      key(wire);
      out.string(*text);
    }
  }
  if (has_ack(head)) {
    key("iothub-ack");
    out.string(*system_text(head, "ack"));
  }
  for (const auto& [name, text] : head.user) {
    if (is_nodes_own(name))
      continue;
    key(name);
    write_text(out, text ? &*text : nullptr);
  }
  if (count > 0)
    out.end(map, count);
}

/// Opens the annotations with the first pair and closes them at the end.
class annotation_writer {
public:
  explicit annotation_writer(writer& out) : out_{out} {}

  void text(std::string_view name, const std::string* value) {
    if (!value)
      return;
    key(name);
    out_.string(*value);
  }

  writer& key(std::string_view name) {
    if (count_ == 0) {
      out_.descriptor(annotations_section);
      map_ = out_.begin_map();
    }
    out_.symbol(name);
    count_ += 2;
    return out_;
  }

  void end() {
    if (count_ > 0)
      out_.end(map_, count_);
  }

private:
  writer& out_;
  writer::open map_;
  std::uint32_t count_ = 0;
};

/// The properties that are numbers and times on the wire.
void write_typed_annotations(annotation_writer& out, const message_head& head) {
  if (const auto* text = system_text(head, "enqueuedTime"))
    if (const auto at = parse_time(*text))
      out.key("iothub-enqueuedtime").timestamp(*at);
  const auto number = [&head](std::string_view name, auto& into) {
    const auto* text = system_text(head, name);
    return text
           && std::from_chars(text->data(), text->data() + text->size(), into)
                  .ptr
                == text->data() + text->size();
  };
  std::uint8_t deliveries = 0;
  if (number("deliveryCount", deliveries))
    out.key("iothub-deliverycount").unsigned_byte(deliveries);
  std::uint64_t sequence = 0;
  if (number("sequenceNumber", sequence) && sequence > 0)
    out.key("x-opt-sequence-number").unsigned_long(sequence);
  out.text("x-opt-lock-token", system_text(head, "lockToken"));
}

/// Everything that stands in front of the body.
bool read_properties(const message_sections& from, message_head& head,
                     std::string& why) {
  if (has_too_many_properties(from))
    why = "more than " + std::to_string(most_properties) + " properties";
  else if (!read_fields(from.properties, head))
    why = "the properties section is damaged";
  else if (!read_annotations(from.annotations, head))
    why = "the message annotations are damaged";
  else if (!read_application(from.application, head))
    why = "the application properties are damaged";
  else
    return true;
  return false;
}

} // namespace

std::size_t application_properties(const message_head& head) {
  auto count = head.user.size();
  for (const auto& [wire, internal] : application_names)
    count += system_text(head, internal) ? 1 : 0;
  return count + (has_ack(head) ? 1 : 0);
}

head_ptr read_head(const message_sections& from, const identity_id& sender,
                   std::string_view model_id, std::string& why,
                   auth_method method) {
  auto head = std::make_shared<message_head>();
  head->sender = sender;
  head->system.push_back({"connectionDeviceId", sender.device});
  if (sender.is_module())
    head->system.push_back({"connectionModuleId", sender.module});
  if (!read_properties(from, *head, why))
    return nullptr;
  // What belongs to a delivery says its node, not who sent the message.
  std::erase_if(head->system, [](const property& one) {
    return one.name == "enqueuedTime" || one.name == "deliveryCount"
           || one.name == "sequenceNumber" || one.name == "lockToken";
  });
  if (!model_id.empty())
    head->system.push_back({"modelId", std::string{model_id}});
  add_auth_method(*head, method);
  return head;
}

std::shared_ptr<message_head> read_command_head(const message_sections& from,
                                                std::string& why) {
  auto head = std::make_shared<message_head>();
  return read_properties(from, *head, why) ? head : nullptr;
}

std::string_view read_body(const message_sections& from, std::string& joined) {
  if (from.data_count == 1)
    return from.first_data;
  if (from.data_count == 0)
    return from.body_value.is == kind::binary || from.body_value.is_text()
             ? from.body_value.text
             : std::string_view{};
  joined.clear();
  data_sections sections{from};
  for (std::string_view content; sections.next(content);)
    joined.append(content);
  return joined;
}

void write_upstream_head(std::string& out, const message_head& head) {
  writer to{out};
  annotation_writer annotations{to};
  for (const std::string_view name : {"iothub-interface-id", "dt-subject"})
    annotations.text(name, system_text(head, name));
  annotations.end();
  write_properties(to, head);
  write_application(to, head, true);
}

void write_input_head(std::string& out, const message_head& head,
                      std::string_view input) {
  writer to{out};
  annotation_writer annotations{to};
  annotations.key("x-opt-input-name").string(input);
  annotations.text("iothub-connection-device-id",
                   system_text(head, "connectionDeviceId"));
  annotations.text("iothub-connection-module-id",
                   system_text(head, "connectionModuleId"));
  annotations.text("dt-subject", system_text(head, "dt-subject"));
  write_typed_annotations(annotations, head);
  annotations.end();
  write_properties(to, head);
  write_application(to, head, false);
}

void write_command_head(std::string& out, const message_head& head) {
  writer to{out};
  annotation_writer annotations{to};
  annotations.text("dt-subject", system_text(head, "dt-subject"));
  write_typed_annotations(annotations, head);
  annotations.end();
  write_properties(to, head);
  write_application(to, head, false);
}

void write_event_head(std::string& out, const message_head& head,
                      std::uint64_t sequence, std::int64_t enqueued) {
  writer to{out};
  annotation_writer annotations{to};
  annotations.key("x-opt-sequence-number")
    .long_integer(static_cast<std::int64_t>(sequence));
  annotations.key("x-opt-offset").string(std::to_string(sequence));
  annotations.key("x-opt-enqueued-time").timestamp(enqueued);
  annotations.key("iothub-enqueuedtime").timestamp(enqueued);
  annotations.key("iothub-message-source").string(event_source(head));
  for (const auto& [wire, internal] : event_annotation_names)
    annotations.text(wire, system_text(head, internal));
  annotations.end();
  write_properties(to, head);
  write_application(to, head, true);
}

void write_data_header(std::string& out, std::size_t size) {
  writer to{out};
  to.descriptor(data_section);
  to.binary_header(size);
}

} // namespace tidegate::amqp
