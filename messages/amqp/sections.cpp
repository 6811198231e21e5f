#include "messages/amqp/sections.hpp"

#include <array>

namespace tidegate::amqp {

namespace {

// Section descriptors (AMQP 1.0, 3.2), in the order in which they may come.
enum section : std::uint64_t {
  header = 0x70,
  delivery_annotations = 0x71,
  message_annotations = 0x72,
  bare_properties = 0x73,
  application_properties = 0x74,
  data = 0x75,
  sequence = 0x76,
  single_value = 0x77,
  footer = 0x78,
};

constexpr std::array<std::string_view, 9> symbols{
  "amqp:header:list",
  "amqp:delivery-annotations:map",
  "amqp:message-annotations:map",
  "amqp:properties:list",
  "amqp:application-properties:map",
  "amqp:data:binary",
  "amqp:amqp-sequence:list",
  "amqp:amqp-value:*",
  "amqp:footer:map",
};

/// The section that a descriptor names; 0 when it names none.
std::uint64_t section_of(const value& descriptor) {
  if (descriptor.is == kind::natural)
    return descriptor.number >= header && descriptor.number <= footer
             ? descriptor.number
             : 0;
  if (descriptor.is == kind::symbol)
    for (std::size_t i = 0; i < symbols.size(); ++i)
      if (symbols[i] == descriptor.text)
        return header + i;
  return 0;
}

bool fits(std::uint64_t which, kind is) {
  switch (which) {
  case header:
  case bare_properties:
  case sequence:
    return is == kind::list;
  case data:
    return is == kind::binary;
  case single_value:
    return true;
  default:
    return is == kind::map;
  }
}

/// Whether section `next` may follow `last`.
bool in_order(std::uint64_t last, std::uint64_t next) {
  if (next == last)
    return next == data || next == sequence;
  const bool in_body = last >= data && last <= single_value;
  return next > last && (!in_body || next == footer);
}

void keep(std::uint64_t which, const value& content, message_sections& out) {
  switch (which) {
  case message_annotations:
    out.annotations = content;
    break;
  case bare_properties:
    out.properties = content;
    break;
  case application_properties:
    out.application = content;
    break;
  case data:
    if (out.data_count++ == 0)
      out.first_data = content.text;
    break;
  case single_value:
    out.body_value = content;
    break;
  default:
    break;
  }
}

/// Reads `0x00 descriptor content`.
bool read_section(reader& in, value& descriptor, value& content) {
  if (in.at_end() || in.rest().front() != 0)
    return false;
  reader behind{in.rest().substr(1)};
  if (!behind.next(descriptor) || !behind.next(content))
    return false;
  in = behind;
  return true;
}

} // namespace

bool split_sections(std::string_view encoded, message_sections& out,
                    std::string& why) {
  out = message_sections{};
  reader in{encoded};
  std::uint64_t last = 0;
  std::size_t body_from = 0;
  std::size_t body_to = 0;
  value descriptor;
  value content;
  while (!in.at_end()) {
    const auto at = encoded.size() - in.rest().size();
    if (!read_section(in, descriptor, content)) {
      why = "not an AMQP section at byte " + std::to_string(at);
      return false;
    }
    const auto which = section_of(descriptor);
    if (which == 0 || !fits(which, content.is) || !in_order(last, which)) {
      why = "unexpected section at byte " + std::to_string(at);
      return false;
    }
    keep(which, content, out);
    if (which >= data && which <= single_value) {
      if (!out.has_body)
        body_from = at;
      out.has_body = true;
      body_to = encoded.size() - in.rest().size();
    }
    last = which;
  }
  out.before_body = out.has_body ? encoded.substr(0, body_from) : encoded;
  if (out.data_count > 0)
    out.body = encoded.substr(body_from, body_to - body_from);
  return true;
}

bool data_sections::next(std::string_view& content) {
  value descriptor;
  value found;
  if (in_.at_end() || !read_section(in_, descriptor, found))
    return false;
  content = found.text;
  return true;
}

} // namespace tidegate::amqp
