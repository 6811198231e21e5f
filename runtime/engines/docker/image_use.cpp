#include "runtime/engines/docker/image_use.hpp"

#include <charconv>
#include <ctime>

namespace tidegate::docker {

std::string encode(const image_uses& uses) {
  std::string text;
  for (const auto& [id, seconds] : uses)
    text += id + ' ' + std::to_string(seconds) + '\n';
  return text;
}

image_uses decode_image_uses(std::string_view text) {
  image_uses uses;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto space = line.find(' ');
    if (space == std::string_view::npos || space == 0)
      continue;
    std::int64_t seconds = 0;
    const auto* last = line.data() + line.size();
    const auto [read, problem]
      = std::from_chars(line.data() + space + 1, last, seconds);
    if (problem == std::errc{} && read == last)
      uses[std::string{line.substr(0, space)}] = seconds;
  }
  return uses;
}

std::vector<std::string> outdated(const image_uses& uses,
                                  const std::set<std::string>& in_use,
                                  std::int64_t now, std::chrono::seconds age) {
  std::vector<std::string> all;
  for (const auto& [id, seconds] : uses)
    if (!in_use.contains(id) && seconds <= now - age.count())
      all.push_back(id);
  return all;
}

std::chrono::seconds until_time_of_day(std::int64_t now,
                                       std::chrono::minutes time) {
  const std::time_t present = now;
  std::tm local{};
  ::localtime_r(&present, &local);
  local.tm_hour = static_cast<int>(time.count() / 60);
  local.tm_min = static_cast<int>(time.count() % 60);
  local.tm_sec = 0;
  local.tm_isdst = -1;
  auto next = std::mktime(&local);
  if (next <= present) {
    ++local.tm_mday;
    local.tm_isdst = -1;
    next = std::mktime(&local);
  }
  return std::chrono::seconds{next - present};
}

} // namespace tidegate::docker
