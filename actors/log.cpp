#include "actors/log.hpp"

#include "messages/shown_text.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unordered_map>

namespace tidegate::log {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto period = std::chrono::seconds{10};
constexpr unsigned lines_per_period = 20;
constexpr std::size_t most_keys = 1000;

/// Counts lines per (component, sentence).
class limiter {
public:
  /// Whether the line may be written, and how many before it were not.
  std::pair<bool, unsigned> admit(std::string_view component,
                                  std::string_view sentence) {
    const std::lock_guard guard{mutex_};
    if (seen_.size() > most_keys)
      seen_.clear();
    const auto now = clock::now();
    auto& [since, lines]
      = seen_[std::string{component} + '\n' + std::string{sentence}];
    unsigned held_back = 0;
    if (now - since > period) {
      held_back = lines > lines_per_period ? lines - lines_per_period : 0;
      since = now;
      lines = 0;
    }
    return {++lines <= lines_per_period, held_back};
  }

private:
  struct entry {
    clock::time_point since;
    unsigned lines = 0;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, entry> seen_;
};

spdlog::logger& sink() {
  static auto logger = [] {
    auto made = spdlog::stderr_logger_mt("tidegate");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                      spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum translate(level at) {
  switch (at) {
  case level::debug:
    return spdlog::level::debug;
  case level::info:
    return spdlog::level::info;
  case level::warning:
    return spdlog::level::warn;
  case level::error:
    break;
  }
  return spdlog::level::err;
}

/// Text with blanks, quotes or what is escaped is quoted, so that one field
/// never looks like two and one line never like two.
void append_value(std::string& line, std::string_view value) {
  const auto shown = shown_text(value);
  if (!value.empty() && shown == value
      && shown.find_first_of(" \"=\\") == std::string::npos) {
    line += shown;
    return;
  }
  line += '"';
  for (const char c : shown) {
    if (c == '"' || (c == '\\' && shown == value))
      line += '\\';
    line += c;
  }
  line += '"';
}

} // namespace

void write(level at, std::string_view component, std::string_view sentence,
           fields with) {
  static limiter limits;
  auto& out = sink();
  if (!out.should_log(translate(at)))
    return;
  const auto [admitted, held_back] = limits.admit(component, sentence);
  if (!admitted)
    return;
  std::string line{component};
  line.resize(std::max<std::size_t>(line.size(), 9), ' ');
  line.append(" ").append(sentence);
  for (const auto& [name, value] : with) {
    line.append(" ").append(name).append("=");
    append_value(line, value);
  }
  if (held_back > 0)
    line.append(" held_back=").append(std::to_string(held_back));
  out.log(translate(at), line);
}

void set_level(level lowest) { sink().set_level(translate(lowest)); }

} // namespace tidegate::log
