#include "runtime/api/events_api.hpp"

#include "messages/amqp/time_text.hpp"
#include "runtime/api/event_stream.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

struct events_calls {
  std::function<event_log_actor()> log;
  actor_bridge actors;

  event_log_actor find(const responder& answer) const {
    auto found = log();
    if (!found)
      answer.send_error(409, "this node keeps no event log: it is a gateway, "
                             "or no route leads to $upstream");
    return found;
  }

  void read(const request& asked, const responder& answer) const {
    auto found = find(answer);
    if (!found)
      return;
    event_stream_options options;
    if (const auto from = asked.query_value("from"))
      std::from_chars(from->data(), from->data() + from->size(), options.from);
    options.follow = asked.query_value("follow").has_value();
    stream_events_to(answer, std::move(found), actors, options);
  }

  void trim(const request& asked, const responder& answer) const {
    std::string why;
    const auto wish = parse_trim(asked.body, why);
    if (!wish)
      return answer.send_error(400, why);
    auto found = find(answer);
    if (!found)
      return;
    actors.ask<events_trimmed>(
      std::move(found), *wish,
      [answer, dry_run = wish->dry_run](const events_trimmed& done) {
        answer.send(
          {200, json::serialize(json::object{{"from", done.from},
                                             {"to", done.to},
                                             {"count", done.to - done.from},
                                             {"bytes", done.bytes},
                                             {"dryRun", dry_run}})});
      },
      tell_error(answer));
  }
};

std::optional<std::uint64_t> count_of(const json::value& value) {
  boost::system::error_code failed;
  const auto count = value.to_number<std::uint64_t>(failed);
  return failed || value.is_double() ? std::nullopt : std::optional{count};
}

/// Takes one member into `into`. What is wrong with it, or an empty text.
std::string take(std::string_view name, const json::value& value,
                 trim_events& into) {
  if (name == "before") {
    const auto time
      = value.is_string() ? amqp::parse_time(value.get_string()) : std::nullopt;
    if (!time)
      return "`before` must be a time such as \"2026-01-02T03:04:05Z\"";
    into.before = wall_time{std::chrono::milliseconds{*time}};
  } else if (name == "toOffset") {
    into.to_offset = count_of(value);
    if (!into.to_offset)
      return "`toOffset` must be the offset of an event, a whole number";
  } else if (name == "keep") {
    into.keep = count_of(value);
    if (!into.keep)
      return "`keep` must be a number of bytes";
  } else if (name == "dryRun") {
    if (!value.is_bool())
      return "`dryRun` must be true or false";
    into.dry_run = value.get_bool();
  } else {
    return "there is no `" + std::string{name.substr(0, 64)} + "` to say";
  }
  return {};
}

} // namespace

std::optional<trim_events> parse_trim(std::string_view body, std::string& why) {
  boost::system::error_code failed;
  const auto document = json::parse(body, failed);
  if (failed || !document.is_object()) {
    why = "the body is not a JSON object";
    return std::nullopt;
  }
  trim_events wish;
  for (const auto& [name, value] : document.get_object())
    if (why = take(name, value, wish); !why.empty())
      return std::nullopt;
  if ((wish.before ? 1 : 0) + (wish.to_offset ? 1 : 0) + (wish.keep ? 1 : 0)
      != 1) {
    why = "say one of `before`, `toOffset` and `keep`";
    return std::nullopt;
  }
  return wish;
}

json::object event_log_document(const event_log_status& of) {
  json::object out{{"oldest", of.oldest},
                   {"next", of.next},
                   {"bytes", of.bytes},
                   {"droppedByQuota", of.dropped},
                   {"retention", json::object{}}};
  if (of.oldest_time)
    out["oldestTime"] = format_time(*of.oldest_time);
  auto& retention = out["retention"].get_object();
  if (of.retention.size > 0)
    retention["bytes"] = of.retention.size;
  if (of.retention.age)
    retention["ageMs"] = of.retention.age->count();
  return out;
}

void add_events_api(http::router& to, std::function<event_log_actor()> log,
                    const actor_bridge& actors) {
  const auto calls = std::make_shared<const events_calls>(
    events_calls{std::move(log), actors});
  to.add("GET", "/events",
         [calls](const request& asked, const path_parameters&,
                 const responder& answer) { calls->read(asked, answer); });
  to.add("POST", "/events/trim",
         [calls](const request& asked, const path_parameters&,
                 const responder& answer) { calls->trim(asked, answer); });
}

} // namespace tidegate
