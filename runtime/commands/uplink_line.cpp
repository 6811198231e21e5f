#include "runtime/commands/uplink_line.hpp"

#include "messages/shown_text.hpp"

#include <string_view>

namespace tidegate {

namespace {

std::string text_at(const boost::json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? shown_text(*text) : std::string{};
}

} // namespace

std::string uplink_line(const boost::json::object& of) {
  auto line = text_at(of, "parent") + ' ';
  const auto* paused = of.if_contains("paused");
  if (paused && paused->is_bool() && paused->get_bool())
    return line + "paused by the operator";
  const auto state = text_at(of, "state");
  line += state;
  const auto failure = text_at(of, "lastFailure");
  if (state != "connected" && !failure.empty())
    line += ": " + failure;
  return line;
}

} // namespace tidegate
