#include "messages/amqp/batch.hpp"

namespace tidegate::amqp {

namespace {

/// `0x00 0x53 0x75 0xb0` and a size: what one more message costs on top.
constexpr std::size_t section_overhead = 8;

/// Cheap test before a content is taken apart: every message starts with the
/// descriptor of a section.
bool may_be_message(std::string_view content) {
  return content.size() > 3 && content[0] == '\0'
         && (content[1] == '\x53' || content[1] == '\x80'
             || content[1] == '\xa3');
}

} // namespace

bool split_batch(std::string_view encoded, batch& out, std::string& why) {
  out.messages.resize(1);
  out.is_batch = false;
  auto& whole = out.messages.front();
  if (!split_sections(encoded, whole, why))
    return false;
  if (!may_be_message(whole.first_data) || whole.application.count > 0)
    return true;
  std::vector<message_sections> inner;
  inner.reserve(whole.data_count);
  std::string ignored;
  data_sections sections{whole};
  for (std::string_view content; sections.next(content);) {
    auto& message = inner.emplace_back();
    if (!may_be_message(content) || !split_sections(content, message, ignored)
        || !message.has_body)
      return true;
  }
  out.messages = std::move(inner);
  out.is_batch = true;
  return true;
}

bool fits_batch(std::size_t batch_size, std::size_t encoded_size) {
  return batch_size + encoded_size + section_overhead <= largest_transfer;
}

} // namespace tidegate::amqp
