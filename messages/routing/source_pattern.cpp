#include "messages/routing/source_pattern.hpp"

namespace tidegate::routing {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace

std::string source_prefix(std::string_view route_source) {
  while (route_source.ends_with('*'))
    route_source.remove_suffix(1);
  if (route_source.ends_with('/'))
    route_source.remove_suffix(1);
  return source_key(route_source);
}

std::string source_key(std::string_view message_source) {
  std::string key;
  key.reserve(message_source.size() + 1);
  for (const char c : message_source)
    key.push_back(lower(c));
  key.push_back('/');
  return key;
}

bool source_matches(std::string_view route_source,
                    std::string_view message_source) {
  return source_key(message_source).starts_with(source_prefix(route_source));
}

} // namespace tidegate::routing
