#include "runtime/engines/docker/engine_time.hpp"

#include "messages/amqp/time_text.hpp"

#include <cstdio>

namespace tidegate::docker {

namespace {

/// The digits of the fraction past the milliseconds.
std::int64_t micros_in(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos)
    return 0;
  std::int64_t micros = 0;
  for (auto at = point + 4; at < point + 7; ++at) {
    const auto digit = at < text.size() ? text[at] : '0';
    micros = micros * 10 + (digit >= '0' && digit <= '9' ? digit - '0' : 0);
  }
  return micros;
}

} // namespace

std::optional<std::int64_t> parse_engine_time(std::string_view text) {
  const auto milliseconds = amqp::parse_time(text);
  if (!milliseconds)
    return std::nullopt;
  return *milliseconds * 1000 + micros_in(text);
}

std::string engine_time(std::int64_t milliseconds_since_1970) {
  char text[48];
  const auto size
    = std::snprintf(text, sizeof text, "%lld.%03lld000000",
                    static_cast<long long>(milliseconds_since_1970 / 1000),
                    static_cast<long long>(milliseconds_since_1970 % 1000));
  return {text, static_cast<std::size_t>(size)};
}

} // namespace tidegate::docker
