#include "messages/identity_id.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

struct twin_options : common_options {
  std::string id;
  std::string change;
  bool replace = false;
};

std::string target_of(const twin_options& of) {
  const auto id = parse_identity_id(of.id);
  auto target = "/twins/" + percent_encode(id.device);
  if (id.is_module())
    target += '/' + percent_encode(id.module);
  return target;
}

/// A document with a member per line, for people.
void print(const json::value& value, const std::string& indent) {
  const auto* object = value.if_object();
  if (!object || object->empty()) {
    std::fputs(shown_json(json::serialize(value)).c_str(), stdout);
    return;
  }
  const auto deeper = indent + "  ";
  const char* before = "{\n";
  for (const auto& [key, member] : *object) {
    std::printf("%s%s%s: ", before, deeper.c_str(),
                shown_json(json::serialize(json::value(key))).c_str());
    print(member, deeper);
    before = ",\n";
  }
  std::printf("\n%s}", indent.c_str());
}

int show(const std::optional<json::value>& twin, bool as_json) {
  if (!twin)
    return 1;
  if (as_json)
    std::fputs(shown_json(json::serialize(*twin)).c_str(), stdout);
  else
    print(*twin, "");
  std::fputs("\n", stdout);
  return 0;
}

int get(const twin_options& with) {
  return show(operator_client{with}.call("GET", target_of(with)), with.json);
}

int patch(const twin_options& with) {
  auto change = with.change;
  if (change == "-")
    change.assign(std::istreambuf_iterator<char>{std::cin}, {});
  boost::system::error_code failed;
  const auto document = json::parse(change, failed);
  if (failed || !document.is_object()) {
    std::fprintf(stderr, "tidegate: the change is not a JSON object\n");
    return 2;
  }
  return show(operator_client{with}.call(with.replace ? "PUT" : "PATCH",
                                         target_of(with), change),
              with.json);
}

} // namespace

void add_twin_commands(CLI::App& app, int& code) {
  auto* family = app.add_subcommand("twin", "Show and change twins of a hub");
  family->require_subcommand(1);
  const auto add = [&](const char* verb, const char* help) {
    auto* command = family->add_subcommand(verb, help);
    auto with = std::make_shared<twin_options>();
    command->add_option("id", with->id, "DEVICE or DEVICE/MODULE")->required();
    with->add_to(*command);
    return std::pair{command, with};
  };
  const auto [getter, of_get] = add("get", "Print a twin");
  getter->callback([with = of_get, &code] { code = get(*with); });
  const auto [patcher, of_patch]
    = add("patch", "Change tags and desired properties, and print the twin");
  patcher
    ->add_option("change", of_patch->change,
                 "JSON such as {\"tags\":{},\"properties\":{\"desired\":{}}}; "
                 "null deletes; - reads it from the input")
    ->required();
  patcher->add_flag("--replace", of_patch->replace,
                    "put it in the place of what is there");
  patcher->callback([with = of_patch, &code] { code = patch(*with); });
}

} // namespace tidegate
