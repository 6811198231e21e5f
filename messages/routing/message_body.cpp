#include "messages/routing/message_body.hpp"

#include "messages/routing/date_text.hpp"
#include "messages/routing/number_text.hpp"
#include "messages/routing/unicode_escape.hpp"
#include "messages/routing/utf8.hpp"

#include <cstring>
#include <optional>

namespace tidegate::routing {

namespace {

using entry_kind = json_entry::kind;

/// Decoded text that is kept between messages.
constexpr std::size_t most_text_kept = std::size_t{64} * 1024;

char simple_escape(char c) {
  switch (c) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c;
  }
}

/// Decodes the escapes of a JSON string into `out`, which has room for as
/// many bytes as `text`. Returns one past the last byte.
char* unescape(std::string_view text, char* out) {
  while (!text.empty()) {
    const auto plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty())
      break;
    if (is_unicode_escape(text)) {
      out = encode_utf8(take_unicode_escape(text), out);
    } else {
      *out++ = simple_escape(text[1]);
      text.remove_prefix(2);
    }
  }
  return out;
}

/// The decoded string; nothing without room for it.
std::optional<std::string_view> unescaped(std::string_view text, arena& room) {
  char* const begin = room.take(text.size());
  if (!begin)
    return std::nullopt;
  const auto used = static_cast<std::size_t>(unescape(text, begin) - begin);
  room.give_back(text.size() - used);
  return std::string_view{begin, used};
}

bool is_named(const json_entry& name, std::string_view text,
              std::string_view wanted, arena& room) {
  if (!name.escaped)
    return name.in(text) == wanted;
  const auto mark = room.here();
  const auto plain = unescaped(name.in(text), room);
  const bool same = plain && *plain == wanted;
  room.rewind(mark);
  return same;
}

/// The index of the value called `wanted`, the last one if there are several.
std::optional<std::uint32_t> member(const std::vector<json_entry>& entries,
                                    std::string_view text, std::uint32_t object,
                                    std::string_view wanted, arena& room) {
  if (entries[object].is != entry_kind::object)
    return std::nullopt;
  std::optional<std::uint32_t> found;
  for (auto name = object + 1; name < entries[object].next;
       name = entries[name + 1].next)
    if (is_named(entries[name], text, wanted, room))
      found = name + 1;
  return found;
}

std::optional<std::uint32_t> element(const std::vector<json_entry>& entries,
                                     std::uint32_t array, std::uint32_t index) {
  if (entries[array].is != entry_kind::array)
    return std::nullopt;
  for (auto at = array + 1; at < entries[array].next; at = entries[at].next)
    if (index-- == 0)
      return at;
  return std::nullopt;
}

} // namespace

void message_body::set(std::string_view payload, body_encoding encoding) {
  state_ = state::unread;
  ++message_;
  payload_ = payload;
  encoding_ = encoding;
}

void message_body::read() {
  if (decoded_.capacity() > most_text_kept)
    decoded_ = {};
  text_ = decode_body(payload_, encoding_, decoded_);
  const bool is_object
    = index_.read(text_) && index_.entries().front().is == entry_kind::object;
  state_ = is_object ? state::object : state::opaque;
}

/// The entry that `path` leads to.
std::optional<std::uint32_t> message_body::follow(const body_path& path,
                                                  arena& room) const {
  const auto& entries = index_.entries();
  std::uint32_t at = 0;
  for (const auto& [name, index] : path) {
    auto next = member(entries, text_, at, name, room);
    if (next && index)
      next = element(entries, *next, *index);
    if (!next)
      return std::nullopt;
    at = *next;
  }
  return at;
}

/// The same, found out once per message for a query with a number.
std::optional<std::uint32_t> message_body::recall(const body_query& query,
                                                  arena& room) {
  if (query.number == body_query::not_shared)
    return follow(query.path, room);
  if (query.number >= memos_.size())
    memos_.resize(query.number + 1);
  auto& known = memos_[query.number];
  if (known.message != message_)
    known = {message_, follow(query.path, room)};
  return known.entry;
}

body_value message_body::find(const body_query& query, arena& room) {
  if (state_ == state::unread)
    read();
  if (state_ == state::opaque)
    return {};
  const auto entry = recall(query, room);
  if (!entry)
    return {.is = body_value::kind::null, .string = {}};
  return value_of(index_.entries()[*entry], room);
}

body_value message_body::value_of(const json_entry& entry, arena& room) const {
  using kind = body_value::kind;
  switch (entry.is) {
  case entry_kind::true_value:
  case entry_kind::false_value:
    return {.is = kind::boolean,
            .boolean = entry.is == entry_kind::true_value,
            .string = {}};
  case entry_kind::null_value:
    return {.is = kind::null, .string = {}};
  case entry_kind::number:
    if (const auto value = read_decimal(entry.in(text_)))
      return {.is = kind::number, .number = *value, .string = {}};
    return {};
  case entry_kind::string: {
    const auto value = entry.escaped ? unescaped(entry.in(text_), room)
                                     : std::optional{entry.in(text_)};
    if (!value || is_date_time(*value))
      return {};
    return {.is = kind::string, .string = *value};
  }
  default:
    return {};
  }
}

} // namespace tidegate::routing
