#include "messages/amqp/guid.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace tidegate::amqp {

std::optional<guid_bytes> parse_guid(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != form.size())
    return std::nullopt;
  guid_bytes guid;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (form[i] == '-') {
      if (text[i++] != '-')
        return std::nullopt;
      continue;
    }
    unsigned char byte = 0;
    const auto* const end = text.data() + i + 2;
    const auto [stop, error] = std::from_chars(text.data() + i, end, byte, 16);
    if (error != std::errc{} || stop != end)
      return std::nullopt;
    guid[size++] = static_cast<char>(byte);
    i += 2;
  }
  return guid;
}

guid_bytes net_order(guid_bytes guid) {
  std::reverse(guid.begin(), guid.begin() + 4);
  std::reverse(guid.begin() + 4, guid.begin() + 6);
  std::reverse(guid.begin() + 6, guid.begin() + 8);
  return guid;
}

} // namespace tidegate::amqp
