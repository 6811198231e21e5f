#include "messages/routing/diagnostic.hpp"

#include <algorithm>

namespace tidegate::routing {

namespace {

constexpr std::size_t longest_quote = 60;

} // namespace

std::string to_string(const diagnostic& what) {
  if (what.column == 0)
    return what.text;
  return "column " + std::to_string(what.column) + ": " + what.text;
}

std::string quote(std::string_view text) {
  std::string result{"'"};
  result.append(text.substr(0, longest_quote));
  if (text.size() > longest_quote)
    result.append("...");
  result.push_back('\'');
  return result;
}

diagnostic diagnose(std::string_view source, std::size_t offset,
                    std::string text) {
  const auto before = source.substr(0, offset);
  const auto characters
    = std::count_if(before.begin(), before.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      });
  return {static_cast<std::size_t>(characters) + 1, std::move(text)};
}

} // namespace tidegate::routing
