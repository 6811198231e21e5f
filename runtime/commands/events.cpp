#include "messages/amqp/time_text.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/config/values.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct events_options : common_options {
  bool follow = false;
  bool raw = false;
  std::uint64_t from = 0;
  std::uint64_t most = 0;
};

std::string plain_cell(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (!value)
    return "";
  if (value->is_string())
    return std::string{value->get_string()};
  return json::serialize(*value);
}

std::string cell(const json::object& in, std::string_view key) {
  return shown_text(plain_cell(in, key));
}

/// One event on one line for people: time, origin, delay, properties, body.
std::string line_of(const json::object& event, bool raw) {
  const auto shown
    = [raw](const std::string& text) { return raw ? text : shown_text(text); };
  const auto delay = cell(event, "delayMs");
  auto body = shown(plain_cell(event, "body"));
  if (body.empty() && event.contains("bodyBase64"))
    body = "(binary)";
  std::string properties;
  for (const auto& [name, value] : event.at("properties").get_object())
    properties += std::string{name} + '='
                  + (value.is_string() ? std::string{value.get_string()} : "")
                  + ' ';
  auto line = cell(event, "enqueuedTime") + "  ";
  const auto add = [&line](std::string text, std::size_t width, bool right) {
    const std::string pad(width - std::min(width, text.size()), ' ');
    line += right ? pad + text : text + pad;
  };
  add(cell(event, "from"), 24, false);
  line += ' ';
  add(delay.empty() ? "" : delay + " ms", 8, true);
  return line + "  " + shown(properties) + body;
}

/// Prints events as they come, a line each.
class line_printer {
public:
  line_printer(bool as_json, bool raw, std::uint64_t most)
    : as_json_{as_json}, raw_{raw}, most_{most} {}

  /// False when enough was printed.
  bool take(std::string_view piece) {
    const bool more = lines_.take(piece, [this](std::string_view line) {
      print(line);
      return most_ == 0 || ++printed_ < most_;
    });
    if (more)
      std::fflush(stdout);
    return more;
  }

private:
  void print(std::string_view line) {
    if (as_json_) {
      std::puts((raw_ ? std::string{line} : shown_json(line)).c_str());
      return;
    }
    boost::system::error_code failed;
    const auto event = json::parse(line, failed);
    if (!failed && event.is_object())
      std::puts(line_of(event.get_object(), raw_).c_str());
  }

  bool as_json_;
  bool raw_;
  std::uint64_t most_;
  std::uint64_t printed_ = 0;
  line_cutter lines_;
};

int print_events(const events_options& with) {
  auto target = "/events?from=" + std::to_string(with.from);
  if (with.follow)
    target += "&follow";
  line_printer printer{with.json, with.raw, with.most};
  const auto ended = operator_client{with}.follow(
    target, [&](std::string_view piece) { return printer.take(piece); });
  return ended ? 0 : 1;
}

struct trim_options : common_options {
  std::string before;
  std::uint64_t to_offset = 0;
  std::string keep;
  bool dry_run = false;
};

int wrong_usage(const std::string& what) {
  std::fprintf(stderr, "tidegate: %s\n", what.c_str());
  return 2;
}

int trim_events_of(const trim_options& with) {
  json::object wish{{"dryRun", with.dry_run}};
  if (!with.before.empty()) {
    if (!amqp::parse_time(with.before))
      return wrong_usage("--before takes a time such as 2026-01-02T03:04:05Z, "
                         "not `"
                         + with.before + "`");
    wish["before"] = with.before;
  } else if (!with.keep.empty()) {
    const auto bytes = parse_size(with.keep);
    if (!bytes)
      return wrong_usage("--keep takes a size such as \"10 GiB\", not `"
                         + with.keep + "`");
    wish["keep"] = *bytes;
  } else {
    wish["toOffset"] = with.to_offset;
  }
  const auto answer = operator_client{with}.call("POST", "/events/trim",
                                                 json::serialize(wish), 2min);
  if (!answer)
    return 1;
  if (with.json) {
    print_json(*answer);
    return 0;
  }
  const auto& done = answer->get_object();
  const auto count = cell(done, "count");
  if (count == "0") {
    std::puts("there is nothing to remove");
    return 0;
  }
  std::printf("%s %s events, offset %s up to %s, about %s\n",
              with.dry_run ? "would remove" : "removed", count.c_str(),
              cell(done, "from").c_str(), cell(done, "to").c_str(),
              size_text(done.at("bytes").to_number<double>()).c_str());
  return 0;
}

void add_trim_command(CLI::App& events, int& code) {
  auto* command = events.add_subcommand(
    "trim", "Remove the oldest events of a hub's log, without asking; readers "
            "go on at what is left");
  auto with = std::make_shared<trim_options>();
  auto* which = command->add_option_group("which");
  which->add_option("--before", with->before,
                    "those stored before a time, such as "
                    "2026-01-02T03:04:05Z");
  which->add_option("--to-offset", with->to_offset,
                    "those before the event with this offset");
  which->add_option("--keep", with->keep,
                    "all but the newest of this size, such as \"10 GiB\"");
  which->require_option(1);
  command->add_flag("--dry-run", with->dry_run, "only say what would go");
  with->add_to(*command);
  command->callback([with, &code] { code = trim_events_of(*with); });
}

} // namespace

void add_events_command(CLI::App& app, int& code) {
  auto* command
    = app.add_subcommand("events", "Read the event log of a hub: what was "
                                   "routed to $upstream");
  auto with = std::make_shared<events_options>();
  command->add_flag("--follow,-f", with->follow, "go on as events come");
  command->add_flag("--raw", with->raw,
                    "escape and cut nothing: for programs, not for terminals");
  command->add_option("--from", with->from,
                      "offset of the first event; the oldest if not given");
  command->add_option("--limit", with->most, "end after so many events");
  with->add_to(*command);
  add_trim_command(*command, code);
  command->callback([with, command, &code] {
    if (command->get_subcommands().empty())
      code = print_events(*with);
  });
}

} // namespace tidegate
