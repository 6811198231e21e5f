#include "runtime/api/event_document.hpp"

#include "messages/iothub/message_document.hpp"

#include <cstdio>
#include <ctime>

namespace tidegate {

namespace {

namespace json = boost::json;

/// Reads `2026-01-02T03:04:05[.678]Z`; nothing for another form.
std::optional<wall_time> parse_time(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (!rest)
    return std::nullopt;
  int thousandths = 0;
  if (*rest == '.') {
    ++rest;
    for (int place = 100; *rest >= '0' && *rest <= '9'; ++rest, place /= 10)
      thousandths += (*rest - '0') * place;
  }
  const auto seconds = std::chrono::seconds{timegm(&parts)};
  return wall_time{seconds + std::chrono::milliseconds{thousandths}};
}

} // namespace

std::string format_time(wall_time at) {
  const auto since = at.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t seconds = whole.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const auto length
    = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ",
                static_cast<int>((since - whole).count()));
  return text;
}

json::object event_document(std::uint64_t offset, const block& in,
                            std::uint32_t index) {
  const auto& head = *in.head(index);
  json::object out;
  out["offset"] = offset;
  out["enqueuedTime"] = format_time(in.enqueued());
  const auto* created = find_property(head.system, "creationTime");
  if (created && created->value)
    if (const auto at = parse_time(*created->value))
      out["delayMs"] = (in.enqueued() - *at).count();
  write_message(out, head, in.payload(index));
  return out;
}

} // namespace tidegate
