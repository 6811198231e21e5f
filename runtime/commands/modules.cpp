#include "messages/iothub/percent.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

std::string cell(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (!value || value->is_null())
    return "";
  return value->is_string() ? std::string{value->get_string()}
                            : json::serialize(*value);
}

void print_modules(const json::array& all) {
  table rows{{"NAME", "STATUS", "RESTARTS", "EXIT", "PID", "LAST START",
              "POLICY", "DESCRIPTION"}};
  for (const auto& entry : all) {
    const auto& one = entry.get_object();
    rows.add({cell(one, "name"), cell(one, "runtimeStatus"),
              cell(one, "restartCount"), cell(one, "exitCode"),
              cell(one, "pid"), cell(one, "lastStartTimeUtc"),
              cell(one, "restartPolicy"), cell(one, "description")});
  }
  std::fputs(rows.text().c_str(), stdout);
}

void add_list(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("list", "List the modules");
  auto with = std::make_shared<common_options>();
  with->add_to(*command);
  command->callback([with, &code] {
    const auto answer = operator_client{*with}.call("GET", "/modules");
    code = answer ? 0 : 1;
    if (answer && with->json)
      print_json(*answer);
    else if (answer)
      print_modules(answer->as_array());
  });
}

struct module_options : common_options {
  std::string module;
  bool follow = false;
  bool raw = false;
  std::int64_t tail = -1;
};

void add_restart(CLI::App& app, int& code) {
  auto* command
    = app.add_subcommand("restart", "Stop a module and start it again");
  auto with = std::make_shared<module_options>();
  command->add_option("module", with->module, "its name")->required();
  with->add_to(*command);
  command->callback([with, &code] {
    const auto answer = operator_client{*with}.call(
      "POST", "/modules/" + percent_encode(with->module) + "/restart");
    code = answer ? 0 : 1;
    if (answer && !with->json)
      std::printf("Restarted %s\n", with->module.c_str());
  });
}

void add_logs(CLI::App& app, int& code) {
  auto* command = app.add_subcommand("logs", "Print what a module wrote");
  auto with = std::make_shared<module_options>();
  command->add_option("module", with->module, "its name")->required();
  command->add_flag("--follow,-f", with->follow, "go on as it writes");
  command->add_option("--tail", with->tail, "only the last so many lines");
  command->add_flag("--raw", with->raw,
                    "escape nothing, as colours; what a module writes can then "
                    "do anything to a terminal");
  with->add_to(*command);
  command->callback([with, &code] {
    auto target = "/modules/" + percent_encode(with->module)
                  + "/logs?tail=" + std::to_string(with->tail);
    if (with->follow)
      target += "&follow";
    line_output out{with->raw};
    const auto ended
      = operator_client{*with}.follow(target, [&out](std::string_view piece) {
          out.take(piece);
          return true;
        });
    code = ended ? 0 : 1;
  });
}

} // namespace

void add_module_commands(CLI::App& app, int& code) {
  add_list(app, code);
  add_logs(app, code);
  add_restart(app, code);
}

} // namespace tidegate
