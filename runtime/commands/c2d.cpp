#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/config/values.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <vector>

namespace tidegate {

namespace {

namespace json = boost::json;

struct c2d_options : common_options {
  std::string device;
  std::string text;
  std::string message_id;
  std::string expires;
  std::string ack;
  std::vector<std::string> properties;
  bool keep = false;
};

int wrong_usage(const std::string& what) {
  std::fprintf(stderr, "tidegate: %s\n", what.c_str());
  return 2;
}

std::string target_of(const c2d_options& with) {
  return "/c2d/" + percent_encode(with.device);
}

std::string cell(const json::value& in, std::string_view key) {
  const auto* const value = in.get_object().if_contains(key);
  if (!value)
    return "";
  return value->is_string() ? std::string{value->get_string()}
                            : json::serialize(*value);
}

int print(const json::value& answer, const c2d_options& with,
          const std::string& for_people) {
  std::fputs(with.json ? (shown_json(json::serialize(answer)) + '\n').c_str()
                       : for_people.c_str(),
             stdout);
  return 0;
}

int send(const c2d_options& with) {
  json::object document{{"body", with.text}};
  json::object properties;
  for (const auto& one : with.properties) {
    const auto cut = one.find('=');
    if (cut == 0 || cut == std::string::npos)
      return wrong_usage("--property takes name=value, not `" + one + "`");
    properties[one.substr(0, cut)] = one.substr(cut + 1);
  }
  document["properties"] = std::move(properties);
  if (!with.message_id.empty())
    document["messageId"] = with.message_id;
  if (!with.ack.empty())
    document["ack"] = with.ack;
  if (!with.expires.empty()) {
    const auto life = parse_duration(with.expires);
    if (!life || life->count() <= 0)
      return wrong_usage("--expires takes a time, like 1h");
    document["expiresInSeconds"]
      = std::chrono::ceil<std::chrono::seconds>(*life).count();
  }
  const auto answer = operator_client{with}.call("POST", target_of(with),
                                                 json::serialize(document));
  return answer ? print(*answer, with,
                        "queued as " + cell(*answer, "sequence") + '\n')
                : 1;
}

int list(const c2d_options& with) {
  const auto answer = operator_client{with}.call("GET", target_of(with));
  if (!answer)
    return 1;
  table rows{{"SEQUENCE", "MESSAGE", "ENQUEUED", "EXPIRES", "ATTEMPTS", "BYTES",
              "STATE"}};
  for (const auto& one : answer->as_array())
    rows.add({cell(one, "sequence"), cell(one, "messageId"),
              cell(one, "enqueuedTime"), cell(one, "expiryTime"),
              cell(one, "deliveryCount"), cell(one, "bytes"),
              cell(one, "state")});
  return print(*answer, with, rows.text());
}

int purge(const c2d_options& with) {
  const auto answer = operator_client{with}.call("DELETE", target_of(with));
  return answer ? print(*answer, with, cell(*answer, "purged") + " removed\n")
                : 1;
}

/// Prints what senders asked to hear, and forgets what was printed.
int feedback(const c2d_options& with) {
  const operator_client node{with};
  const auto answer = node.call("GET", "/feedback");
  if (!answer)
    return 1;
  table rows{{"SEQUENCE", "DEVICE", "MESSAGE", "STATUS", "AT"}};
  json::array read;
  for (const auto& one : answer->as_array()) {
    rows.add({cell(one, "sequence"), cell(one, "deviceId"),
              cell(one, "originalMessageId"), cell(one, "statusCode"),
              cell(one, "enqueuedTimeUtc")});
    read.push_back(one.at("sequence"));
  }
  print(*answer, with, rows.text());
  std::fflush(stdout);
  if (with.keep || read.empty())
    return 0;
  return node.call("POST", "/feedback/forget", json::serialize(read)) ? 0 : 1;
}

} // namespace

void add_c2d_commands(CLI::App& app, int& code) {
  auto* family
    = app.add_subcommand("c2d", "Messages from the cloud to devices, at a hub");
  family->require_subcommand(1);
  const auto add
    = [&](const char* verb, const char* help, auto describe, auto act) {
        auto* command = family->add_subcommand(verb, help);
        auto with = std::make_shared<c2d_options>();
        describe(*command, *with);
        with->add_to(*command);
        command->callback([with, act, &code] { code = act(*with); });
      };
  const auto device = [](CLI::App& command, c2d_options& with) {
    command.add_option("device", with.device, "the device's name")->required();
  };
  add(
    "send", "Queue a message for a device",
    [&](CLI::App& command, c2d_options& with) {
      device(command, with);
      command.add_option("text", with.text, "what it says")->required();
      command.add_option("--property", with.properties, "name=value");
      command.add_option("--message-id", with.message_id, "the message's id");
      command.add_option("--expires", with.expires,
                         "how long it may wait, like 1h; for ever if not "
                         "given");
      command
        .add_option("--ack", with.ack,
                    "what to hear of its fate: positive, negative or full")
        ->check(CLI::IsMember({"none", "positive", "negative", "full"}));
    },
    [](const c2d_options& with) { return send(with); });
  add("list", "List what waits for a device", device,
      [](const c2d_options& with) { return list(with); });
  add("purge", "Remove everything that waits for a device", device,
      [](const c2d_options& with) { return purge(with); });
  add(
    "feedback", "Read the fate of messages that were sent with --ack",
    [](CLI::App& command, c2d_options& with) {
      command.add_flag("--keep", with.keep, "do not forget what was read");
    },
    [](const c2d_options& with) { return feedback(with); });
}

} // namespace tidegate
