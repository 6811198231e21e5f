#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/deployment_check.hpp"
#include "runtime/node/module_agent.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

struct deployment_options : common_options {
  std::string file;
  std::string device;
};

/// The manifest; `-` is the standard input.
std::string read_manifest(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened)
      throw CLI::ValidationError{"FILE", "cannot read " + file};
  }
  return {std::istreambuf_iterator<char>{file == "-" ? std::cin : opened}, {}};
}

/// Those of the configured node, if there is one.
std::optional<deployment::manifest_rules>
rules_of(const deployment_options& with) {
  if (!std::filesystem::exists(with.config_file)) {
    if (with.config_file != common_options{}.config_file)
      throw CLI::ValidationError{"--config", "cannot read " + with.config_file};
    return std::nullopt;
  }
  const auto loaded = load_config(with.config_file);
  if (!loaded.errors.empty())
    throw CLI::ValidationError{"--config", to_string(loaded.errors.front())};
  const auto who = make_profile(loaded.value);
  return manifest_rules_of(loaded.value, who ? *who : node_profile{});
}

int check(const deployment_options& with) {
  const auto found = check_deployment(read_manifest(with.file), rules_of(with));
  if (with.json) {
    json::array problems;
    for (const auto& one : found.problems)
      problems.emplace_back(one);
    std::printf("%s\n",
                json::serialize(json::object{{"code", found.code},
                                             {"problems", std::move(problems)},
                                             {"modules", found.modules}})
                  .c_str());
  } else {
    for (const auto& one : found.problems)
      std::printf("%s: %s\n", with.file.c_str(), shown_text(one).c_str());
    if (found.problems.empty())
      std::printf("%s: good, %zu modules\n", with.file.c_str(), found.modules);
  }
  return found.problems.empty() ? 0 : 2;
}

int apply(const deployment_options& with) {
  const auto manifest = read_manifest(with.file);
  const auto found = check_deployment(manifest, std::nullopt);
  for (const auto& one : found.problems)
    std::fprintf(stderr, "%s: %s\n", with.file.c_str(),
                 shown_text(one).c_str());
  if (!found.problems.empty())
    return 2;
  const auto target = with.device.empty()
                        ? std::string{"/deployment"}
                        : "/deployments/" + percent_encode(with.device);
  const auto done = operator_client{with}.call("PUT", target, manifest);
  if (done && !with.json)
    std::printf("Applied %zu modules; `tidegate deployment show` tells how it "
                "goes\n",
                found.modules);
  return done ? 0 : 1;
}

std::string text_at(const json::value& in, const char* path) {
  boost::system::error_code none;
  const auto* found = in.find_pointer(path, none);
  if (!found || found->is_null())
    return "";
  return shown_text(found->is_string() ? std::string{found->get_string()}
                                       : json::serialize(*found));
}

void print_report(const json::value& reported) {
  std::printf("version  %s\nstatus   %s %s\n",
              text_at(reported, "/lastDesiredVersion").c_str(),
              text_at(reported, "/lastDesiredStatus/code").c_str(),
              text_at(reported, "/lastDesiredStatus/description").c_str());
  boost::system::error_code none;
  const auto* modules = reported.find_pointer("/modules", none);
  if (!modules || !modules->is_object())
    return;
  table rows{{"NAME", "WANTED", "STATUS", "VERSION", "IMAGE", "RESTARTS",
              "DESCRIPTION"}};
  for (const auto& [name, module] : modules->get_object())
    rows.add({std::string{name}, text_at(module, "/status"),
              text_at(module, "/runtimeStatus"), text_at(module, "/version"),
              text_at(module, "/settings/image"),
              text_at(module, "/restartCount"),
              text_at(module, "/statusDescription")});
  std::fputs(rows.text().c_str(), stdout);
}

int show(const deployment_options& with) {
  const auto target
    = with.device.empty()
        ? std::string{"/deployment"}
        : "/twins/" + percent_encode(with.device) + "/%24edgeAgent";
  const auto found = operator_client{with}.call("GET", target);
  if (!found)
    return 1;
  if (with.json) {
    print_json(*found);
    return 0;
  }
  boost::system::error_code none;
  const auto* reported = found->find_pointer(
    with.device.empty() ? "/reported" : "/properties/reported", none);
  if (with.device.empty())
    std::printf("source   %s\n", text_at(*found, "/source").c_str());
  print_report(reported ? *reported : json::value{});
  return 0;
}

} // namespace

void add_deployment_commands(CLI::App& app, int& code) {
  auto* family = app.add_subcommand("deployment", "Check, apply and show "
                                                  "deployments of modules");
  family->require_subcommand(1);
  const auto add = [&](const char* verb, const char* help, bool file,
                       bool device, int (*run)(const deployment_options&)) {
    auto* command = family->add_subcommand(verb, help);
    auto with = std::make_shared<deployment_options>();
    if (file)
      command
        ->add_option("file", with->file,
                     "a deployment manifest, JSON; - reads it from the input")
        ->required();
    if (device)
      command->add_option("device", with->device,
                          "an edge device of this hub; this node if not given");
    with->add_to(*command);
    command->callback([with, run, &code] { code = run(*with); });
  };
  add("check", "Say what is wrong with a manifest, before it is rolled out",
      true, false, check);
  add("apply", "Have the modules of an edge device be those of a manifest",
      true, true, apply);
  add("show", "Print what is deployed and how it is", false, true, show);
}

} // namespace tidegate
