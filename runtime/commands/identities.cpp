#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <optional>

namespace tidegate {

namespace {

namespace json = boost::json;

struct identity_options : common_options {
  std::string device;
  std::string module;
  std::optional<std::string> parent;
  std::string key;
  std::vector<std::string> thumbprints;
  bool authority = false;
  bool edge = false;
  bool disabled = false;
  bool enabled = false;
};

using options_ptr = std::shared_ptr<identity_options>;

std::string text_of(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  return value && value->is_string() ? std::string{value->get_string()} : "";
}

std::string target_of(const identity_options& of) {
  auto target = "/identities/" + percent_encode(of.device);
  if (!of.module.empty())
    target += '/' + percent_encode(of.module);
  return target;
}

/// A created or shown identity: for people just what its client needs.
int print_identity(const json::value& answer, bool as_json) {
  if (as_json)
    print_json(answer);
  else
    std::printf("%s\n",
                text_of(answer.get_object(), "connectionString").c_str());
  return 0;
}

/// How the identity is to prove itself; empty: by keys that are made.
json::object authentication_of(const identity_options& with) {
  if (with.authority)
    return {{"type", "certificateAuthority"}};
  if (!with.thumbprints.empty())
    return {{"type", "selfSigned"},
            {"x509Thumbprint",
             {{"primaryThumbprint", with.thumbprints.front()},
              {"secondaryThumbprint",
               with.thumbprints.size() > 1 ? with.thumbprints[1] : ""}}}};
  if (!with.key.empty())
    return {{"type", "sas"}, {"symmetricKey", {{"primaryKey", with.key}}}};
  return {};
}

/// Puts what is asked for into `document`; the rest stays.
void fill_in(const identity_options& with, json::object& document) {
  if (with.disabled || with.enabled)
    document["status"] = with.disabled ? "disabled" : "enabled";
  if (with.edge)
    document["capabilities"] = {{"iotEdge", true}};
  if (with.parent) {
    json::array parents;
    if (!with.parent->empty())
      parents.emplace_back("ms-azure-iot-edge://" + *with.parent + "-0");
    document["parentScopes"] = std::move(parents);
    document.erase("deviceScope"); // says the same
  }
  if (const auto authentication = authentication_of(with);
      !authentication.empty())
    document["authentication"] = authentication;
}

int create(const identity_options& with) {
  json::object document{{"deviceId", with.device}};
  if (!with.module.empty())
    document["moduleId"] = with.module;
  fill_in(with, document);
  const auto answer = operator_client{with}.call("POST", "/identities",
                                                 json::serialize(document));
  return answer ? print_identity(*answer, with.json) : 1;
}

int show(const identity_options& with) {
  const auto answer = operator_client{with}.call("GET", target_of(with));
  return answer ? print_identity(*answer, with.json) : 1;
}

/// Changes what is asked for, unless somebody else is faster.
int update(const identity_options& with) {
  const operator_client node{with};
  auto known = node.call("GET", target_of(with));
  if (!known || !known->is_object())
    return 1;
  fill_in(with, known->get_object());
  const auto answer = node.call("PUT", "/identities", json::serialize(*known));
  return answer ? print_identity(*answer, with.json) : 1;
}

int remove(const identity_options& with) {
  const auto answer = operator_client{with}.call("DELETE", target_of(with));
  if (!answer)
    return 1;
  if (!with.json)
    std::printf("deleted\n");
  return 0;
}

std::string parent_of(const json::object& one) {
  const auto* parents = one.if_contains("parentScopes");
  if (!parents || !parents->is_array() || parents->get_array().empty())
    return "";
  std::string scope{parents->get_array().front().as_string()};
  scope.erase(0, scope.find("//") + 2);
  return scope.substr(0, scope.rfind('-'));
}

int print_list(const json::array& all, const identity_options& with,
               bool modules) {
  json::array shown;
  table rows{
    modules ? std::vector<std::string>{"MODULE", "MANAGED BY"}
            : std::vector<std::string>{"DEVICE", "STATUS", "EDGE", "PARENT"}};
  for (const auto& entry : all) {
    const auto& one = entry.get_object();
    const auto module = text_of(one, "moduleId");
    if (modules == module.empty())
      continue;
    shown.push_back(entry);
    if (modules)
      rows.add(
        {text_of(one, "deviceId") + '/' + module, text_of(one, "managedBy")});
    else
      rows.add({text_of(one, "deviceId"), text_of(one, "status"),
                one.at("capabilities").at("iotEdge").as_bool() ? "yes" : "",
                parent_of(one)});
  }
  std::fputs(with.json ? (shown_json(json::serialize(shown)) + '\n').c_str()
                       : rows.text().c_str(),
             stdout);
  return 0;
}

int list(const identity_options& with, bool modules) {
  const operator_client node{with};
  json::array all;
  std::string after;
  while (true) {
    auto page
      = node.call("GET", "/identities?device=" + percent_encode(with.device)
                           + "&after=" + percent_encode(after));
    if (!page || !page->is_array())
      return 1;
    auto& entries = page->get_array();
    all.insert(all.end(), entries.begin(), entries.end());
    if (entries.size() < 1000 || !with.device.empty())
      return print_list(all, with, modules);
    const auto& last = entries.back().get_object();
    const auto module = text_of(last, "moduleId");
    after = text_of(last, "deviceId") + (module.empty() ? "" : '/' + module);
  }
}

void add_device_options(CLI::App& command, identity_options& with) {
  command.add_option("device", with.device, "the device's name")->required();
}

void add_module_options(CLI::App& command, identity_options& with) {
  add_device_options(command, with);
  command.add_option("module", with.module, "the module's name")->required();
}

/// How a device or module proves who it is, and what else is said of a device.
void add_description(CLI::App& command, identity_options& with, bool module) {
  auto* const key = command.add_option(
    "--key", with.key, "its primary key, base64; made if not given");
  if (module)
    return;
  auto* const thumbprint
    = command
        .add_option("--x509-thumbprint", with.thumbprints,
                    "SHA-1 or SHA-256 of its certificate, hex; a second "
                    "one is the next certificate's")
        ->expected(1, 2)
        ->excludes(key);
  command
    .add_flag("--x509-ca", with.authority,
              "it shows a certificate in its name from an authority in "
              "the trust bundle")
    ->excludes(key)
    ->excludes(thumbprint);
  command.add_option("--parent", with.parent,
                     "the gateway it is reached through");
}

void add_family(CLI::App& app, int& code, bool modules) {
  const std::string noun = modules ? "module" : "device";
  auto* family = app.add_subcommand(
    noun, "Create, change, list, show and delete the " + noun + "s of a hub");
  family->require_subcommand(1);
  const auto add
    = [&](const char* verb, const std::string& help, auto describe, auto act) {
        auto* command = family->add_subcommand(verb, help);
        auto with = std::make_shared<identity_options>();
        describe(*command, *with);
        with->add_to(*command);
        command->callback([with, act, &code] { code = act(*with); });
      };
  const auto one = [modules](CLI::App& command, identity_options& with) {
    if (modules)
      add_module_options(command, with);
    else
      add_device_options(command, with);
  };
  add(
    "create", "Create a " + noun + " and print its connection string",
    [&](CLI::App& command, identity_options& with) {
      one(command, with);
      add_description(command, with, modules);
      if (modules)
        return;
      command.add_flag("--edge", with.edge, "it is a gateway");
      command.add_flag("--disabled", with.disabled, "it may not connect yet");
    },
    [](const identity_options& with) { return create(with); });
  add(
    "update", "Change what is given of a " + noun + ", and nothing else",
    [&](CLI::App& command, identity_options& with) {
      one(command, with);
      add_description(command, with, modules);
      if (modules)
        return;
      auto* const disabled = command.add_flag(
        "--disabled", with.disabled, "it may not connect; its connection ends");
      command.add_flag("--enabled", with.enabled, "it may connect again")
        ->excludes(disabled);
    },
    [](const identity_options& with) { return update(with); });
  add("show", "Print the connection string of a " + noun, one,
      [](const identity_options& with) { return show(with); });
  add("delete", "Delete a " + noun + " and end its connection", one,
      [](const identity_options& with) { return remove(with); });
  add(
    "list", "List the " + noun + "s",
    [&](CLI::App& command, identity_options& with) {
      if (modules)
        command.add_option("device", with.device, "only of this device");
    },
    [modules](const identity_options& with) { return list(with, modules); });
}

} // namespace

void add_identity_commands(CLI::App& app, int& code) {
  add_family(app, code, false);
  add_family(app, code, true);
}

} // namespace tidegate
