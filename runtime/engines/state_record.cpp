#include "runtime/engines/state_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace tidegate {

namespace {

constexpr std::array<std::string_view, 5> phases{
  "running", "exited", "killed", "out-of-memory", "spawn-failed"};

template <class Number>
bool take(std::string_view text, Number& into) {
  const auto* end = text.data() + text.size();
  const auto [next, problem] = std::from_chars(text.data(), end, into);
  return problem == std::errc{} && next == end;
}

bool take_phase(std::string_view text, state_record::phase& into) {
  const auto found = std::find(phases.begin(), phases.end(), text);
  into = static_cast<state_record::phase>(found - phases.begin());
  return found != phases.end();
}

bool take_entry(std::string_view name, std::string_view value,
                state_record& into) {
  if (name == "phase")
    return take_phase(value, into.now);
  if (name == "shim")
    return take(value, into.shim.pid);
  if (name == "shim_ticks")
    return take(value, into.shim.ticks);
  if (name == "pid")
    return take(value, into.main.pid);
  if (name == "ticks")
    return take(value, into.main.ticks);
  if (name == "started")
    return take(value, into.started);
  if (name == "finished")
    return take(value, into.finished);
  if (name == "code")
    return take(value, into.code);
  if (name == "hash")
    into.hash = value;
  else if (name == "boot")
    into.boot = value;
  else if (name == "detail")
    into.detail = value;
  else
    return false;
  return true;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

std::string encode(const state_record& record) {
  std::string text;
  const auto put = [&](std::string_view name, const std::string& value) {
    text.append(name).append("=").append(value) += '\n';
  };
  put("phase", std::string{phases[static_cast<std::size_t>(record.now)]});
  put("hash", record.hash);
  put("boot", record.boot);
  put("shim", std::to_string(record.shim.pid));
  put("shim_ticks", std::to_string(record.shim.ticks));
  put("pid", std::to_string(record.main.pid));
  put("ticks", std::to_string(record.main.ticks));
  put("started", std::to_string(record.started));
  put("finished", std::to_string(record.finished));
  put("code", std::to_string(record.code));
  put("detail", one_line(record.detail));
  return text;
}

std::optional<state_record> decode_state(std::string_view text) {
  state_record record;
  bool any = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto equals = text.find('=');
    if (end == std::string_view::npos || equals >= end
        || !take_entry(text.substr(0, equals),
                       text.substr(equals + 1, end - equals - 1), record))
      return std::nullopt;
    text.remove_prefix(end + 1);
    any = true;
  }
  if (!any)
    return std::nullopt;
  return record;
}

} // namespace tidegate
