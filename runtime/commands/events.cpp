#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

struct events_options : common_options {
  bool follow = false;
  std::uint64_t from = 0;
  std::uint64_t most = 0;
};

std::string cell(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (!value)
    return "";
  if (value->is_string())
    return std::string{value->get_string()};
  return json::serialize(*value);
}

/// One event on one line for people: time, origin, delay, properties, body.
void print_event(const json::object& event) {
  const auto delay = cell(event, "delayMs");
  auto body = cell(event, "body");
  if (body.empty() && event.contains("bodyBase64"))
    body = "(binary)";
  std::string properties;
  for (const auto& [name, value] : event.at("properties").get_object())
    properties += std::string{name} + '='
                  + (value.is_string() ? std::string{value.get_string()} : "")
                  + ' ';
  std::printf("%s  %-24s %8s  %s%s\n", cell(event, "enqueuedTime").c_str(),
              cell(event, "from").c_str(),
              delay.empty() ? "" : (delay + " ms").c_str(), properties.c_str(),
              body.c_str());
}

/// Cuts a stream of pieces into lines and prints each.
class line_printer {
public:
  line_printer(bool as_json, std::uint64_t most)
    : as_json_{as_json}, most_{most} {}

  /// False when enough was printed.
  bool take(std::string_view piece) {
    rest_ += piece;
    std::size_t from = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n', from)) {
      print(std::string_view{rest_}.substr(from, end - from));
      from = end + 1;
      if (most_ > 0 && ++printed_ >= most_)
        return false;
    }
    rest_.erase(0, from);
    std::fflush(stdout);
    return true;
  }

private:
  void print(std::string_view line) {
    if (as_json_) {
      std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
      return;
    }
    boost::system::error_code failed;
    const auto event = json::parse(line, failed);
    if (!failed && event.is_object())
      print_event(event.get_object());
  }

  bool as_json_;
  std::uint64_t most_;
  std::uint64_t printed_ = 0;
  std::string rest_;
};

int print_events(const events_options& with) {
  auto target = "/events?from=" + std::to_string(with.from);
  if (with.follow)
    target += "&follow";
  line_printer printer{with.json, with.most};
  const auto ended = operator_client{with}.follow(
    target, [&](std::string_view piece) { return printer.take(piece); });
  return ended ? 0 : 1;
}

} // namespace

void add_events_command(CLI::App& app, int& code) {
  auto* command
    = app.add_subcommand("events", "Read the event log of a hub: what was "
                                   "routed to $upstream");
  auto with = std::make_shared<events_options>();
  command->add_flag("--follow,-f", with->follow, "go on as events come");
  command->add_option("--from", with->from,
                      "offset of the first event; the oldest if not given");
  command->add_option("--limit", with->most, "end after so many events");
  with->add_to(*command);
  command->callback([with, &code] { code = print_events(*with); });
}

} // namespace tidegate
