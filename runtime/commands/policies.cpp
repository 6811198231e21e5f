#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <vector>

namespace tidegate {

namespace {

namespace json = boost::json;

struct policy_options : common_options {
  std::string name;
  std::vector<std::string> rights;
  bool events = false;
  bool secondary = false;
};

std::string target_of(const policy_options& with) {
  return "/policies/" + percent_encode(with.name);
}

std::string text_at(const json::object& in, std::string_view key) {
  const auto* const value = in.if_contains(key);
  return value && value->is_string() ? std::string{value->get_string()} : "";
}

/// For people just the connection string that they asked for.
int print(const std::optional<json::value>& policy,
          const policy_options& with) {
  if (!policy)
    return 1;
  if (with.json) {
    print_json(*policy);
    return 0;
  }
  const auto text
    = text_at(policy->as_object(),
              with.events ? "eventsConnectionString" : "connectionString");
  if (text.empty()) {
    std::fprintf(stderr, "tidegate: the policy does not allow to read events; "
                         "that needs ServiceConnect\n");
    return 1;
  }
  std::printf("%s\n", text.c_str());
  return 0;
}

int create(const policy_options& with) {
  json::array rights;
  for (const auto& one : with.rights)
    rights.emplace_back(one);
  const json::object document{{"name", with.name},
                              {"rights", std::move(rights)}};
  return print(
    operator_client{with}.call("POST", "/policies", json::serialize(document)),
    with);
}

int renew(const policy_options& with) {
  return print(operator_client{with}.call(
                 "POST", target_of(with) + "/renew"
                           + (with.secondary ? "?key=secondary" : "")),
               with);
}

int remove(const policy_options& with) {
  if (!operator_client{with}.call("DELETE", target_of(with)))
    return 1;
  if (!with.json)
    std::printf("deleted\n");
  return 0;
}

int list(const policy_options& with) {
  const auto all = operator_client{with}.call("GET", "/policies");
  if (!all || !all->is_array())
    return 1;
  table rows{{"POLICY", "RIGHTS"}};
  for (const auto& one : all->get_array()) {
    std::string rights;
    for (const auto& right : one.at("rights").as_array())
      rights += (rights.empty() ? "" : ", ") + std::string{right.as_string()};
    rows.add({text_at(one.as_object(), "name"), rights});
  }
  std::fputs(with.json ? (shown_json(json::serialize(*all)) + '\n').c_str()
                       : rows.text().c_str(),
             stdout);
  return 0;
}

} // namespace

void add_policy_commands(CLI::App& app, int& code) {
  auto* const family = app.add_subcommand(
    "policy", "Shared access policies of a hub, for services and readers of "
              "its events");
  family->require_subcommand(1);
  const auto add = [&](const char* verb, const char* help, auto describe,
                       int (*act)(const policy_options&)) {
    auto* const command = family->add_subcommand(verb, help);
    auto with = std::make_shared<policy_options>();
    describe(*command, *with);
    with->add_to(*command);
    command->callback([with, act, &code] { code = act(*with); });
  };
  const auto named = [](CLI::App& command, policy_options& with) {
    command.add_option("name", with.name, "the policy's name")->required();
  };
  add(
    "list", "List the policies", [](CLI::App&, policy_options&) {}, list);
  add(
    "show", "Print the connection string of a policy",
    [&](CLI::App& command, policy_options& with) {
      named(command, with);
      command.add_flag("--events", with.events,
                       "the one for readers of events, as Event Hubs has it");
    },
    [](const policy_options& with) {
      return print(operator_client{with}.call("GET", target_of(with)), with);
    });
  add(
    "create", "Create a policy and print its connection string",
    [&](CLI::App& command, policy_options& with) {
      named(command, with);
      command
        .add_option("--right", with.rights,
                    "RegistryRead, RegistryWrite, ServiceConnect or "
                    "DeviceConnect; may be given again")
        ->required();
    },
    create);
  add("delete", "Delete a policy; what was signed with it is refused", named,
      remove);
  add(
    "renew", "Make a new key for a policy",
    [&](CLI::App& command, policy_options& with) {
      named(command, with);
      command.add_flag("--secondary", with.secondary,
                       "the secondary key, not the primary one");
    },
    renew);
}

} // namespace tidegate
