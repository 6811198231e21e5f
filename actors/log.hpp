#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Structured log lines: a component, a sentence, and named fields.
/// `2026-01-02T03:04:05.678Z info  uplink  connected parent=hub.local`
/// Lines with the same component and sentence are limited to 20 per 10 s; how
/// many were held back is said with the next one. Never pass keys, tokens or
/// payloads. Safe from any thread.
namespace tidegate::log {

enum class level { debug, info, warning, error };

using fields = std::initializer_list<std::pair<std::string_view, std::string>>;

void write(level at, std::string_view component, std::string_view sentence,
           fields with = {});

inline void debug(std::string_view component, std::string_view sentence,
                  fields with = {}) {
  write(level::debug, component, sentence, with);
}
inline void info(std::string_view component, std::string_view sentence,
                 fields with = {}) {
  write(level::info, component, sentence, with);
}
inline void warning(std::string_view component, std::string_view sentence,
                    fields with = {}) {
  write(level::warning, component, sentence, with);
}
inline void error(std::string_view component, std::string_view sentence,
                  fields with = {}) {
  write(level::error, component, sentence, with);
}

/// Lines below `lowest` are not written. The default is `info`.
void set_level(level lowest);

} // namespace tidegate::log
