#include "messages/routing/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace tidegate::routing {

namespace {

constexpr std::size_t longest_name = 64;

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a))
         == std::tolower(static_cast<unsigned char>(b));
}

/// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (same_letter(a[i], b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> known) {
  if (given.size() > longest_name)
    return {};
  std::string_view nearest;
  auto least = given.size() / 3 + 2;
  for (const auto name : known) {
    if (const auto d = distance(given, name); d < least) {
      least = d;
      nearest = name;
    }
  }
  if (nearest.empty())
    return {};
  return " (did you mean '" + std::string{nearest} + "'?)";
}

} // namespace tidegate::routing
