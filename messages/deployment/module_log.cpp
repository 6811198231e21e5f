#include "messages/deployment/module_log.hpp"

#include "messages/mqtt/utf8.hpp"
#include "messages/routing/utf8.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <ctime>
#include <re2/re2.h>

namespace tidegate::deployment {

namespace {

namespace json = boost::json;

RE2::Options options(bool any_case) {
  RE2::Options made;
  made.set_log_errors(false);
  made.set_case_sensitive(!any_case);
  return made;
}

json::object record(const module_line& line, const log_origin& from) {
  auto parsed = parse_log_line(line.text);
  return {{"iothub", from.hub},
          {"device", from.device},
          {"id", from.module},
          {"stream", line.error ? "stderr" : "stdout"},
          {"loglevel", parsed.level},
          {"text", readable_text(parsed.text)},
          {"timestamp", log_time(line.time) + "Z"}};
}

} // namespace

std::string log_time(std::int64_t microseconds) {
  constexpr std::int64_t second = 1'000'000;
  const auto seconds = static_cast<std::time_t>(microseconds / second);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto size
    = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto more
    = std::snprintf(text.data() + size, text.size() - size, ".%06d",
                    static_cast<int>(microseconds % second));
  return {text.data(), size + static_cast<std::size_t>(more)};
}

parsed_line parse_log_line(std::string_view line) {
  static const RE2 grammar{
    R"((?s)^(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)\s)?(?:<(\d)>)?\s*)"
    R"((?:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d)\s)?\s*(.*)$)",
    [] {
      auto made = options(false);
      made.set_encoding(RE2::Options::EncodingLatin1);
      return made;
    }()};
  parsed_line made;
  std::string engine, level, own;
  if (RE2::FullMatch(re2::StringPiece{line.data(), line.size()}, grammar,
                     &engine, &level, &own, &made.text)) {
    if (!level.empty())
      made.level = level.front() - '0';
    made.timestamp = engine.empty() ? own : engine;
  }
  if (made.text.empty())
    made.text = line;
  return made;
}

line_filter::line_filter(log_filter by) : by_{std::move(by)} {
  if (!by_.expression.empty())
    expression_ = std::make_shared<const RE2>(by_.expression, options(false));
}

line_filter::~line_filter() = default;

bool line_filter::wants(const parsed_line& line) const {
  if (by_.level && line.level > *by_.level)
    return false;
  return !expression_ || RE2::PartialMatch(line.text, *expression_);
}

std::vector<module_line>
line_filter::select(std::vector<module_line> lines) const {
  if (by_.level || expression_)
    std::erase_if(lines, [this](const auto& line) {
      return !wants(parse_log_line(line.text));
    });
  if (by_.tail && lines.size() > *by_.tail)
    lines.erase(lines.begin(),
                lines.end() - static_cast<std::ptrdiff_t>(*by_.tail));
  return lines;
}

std::string log_text(const std::vector<module_line>& lines, log_content as,
                     const log_origin& from) {
  if (as == log_content::json) {
    json::array records;
    for (const auto& line : lines)
      records.emplace_back(record(line, from));
    return json::serialize(records);
  }
  std::string text;
  for (const auto& line : lines)
    text += line.text + '\n';
  return text;
}

std::string readable_text(std::string_view text) {
  if (valid_utf8(text))
    return std::string{text};
  std::string made;
  while (!text.empty())
    routing::append_utf8(made, routing::decode_utf8(text));
  return made;
}

std::optional<log_filter> filter_for(const std::string& name,
                                     const std::vector<log_item>& items) {
  for (const auto& item : items) {
    const RE2 expression{item.id, options(true)};
    if (item.id == "all" || RE2::PartialMatch(name, expression))
      return item.filter;
  }
  return std::nullopt;
}

} // namespace tidegate::deployment
