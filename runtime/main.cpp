#include "benchmarks/harness/bench/command.hpp"
#include "benchmarks/harness/chaos/command.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/config/values.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

namespace {

/// CLI11 only says that a command is missing.
bool is_unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-')
    return false;
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](auto*) { return true; }))
    names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end())
    return false;
  const auto like = tidegate::nearest(argv[1], names);
  std::fprintf(stderr, "tidegate: there is no command %s%s\n", argv[1],
               like ? ("; did you mean " + *like + '?').c_str()
                    : "; see tidegate --help");
  return true;
}

/// CLI11 takes "-1" for the largest number there is.
void refuse_negative_counts(CLI::App& app) {
  const CLI::Validator not_negative{
    [](const std::string& text) -> std::string {
      return text.starts_with('-') ? "must be 0 or more, not " + text : "";
    },
    ""};
  for (auto* const option : app.get_options())
    if (option->get_type_name() == "UINT")
      option->check(not_negative);
  for (auto* const command : app.get_subcommands([](auto*) { return true; }))
    refuse_negative_counts(*command);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Tidegate, an edge gateway runtime: brokers, stores and "
               "forwards the messages of devices and modules"};
  app.set_version_flag("--version", "tidegate " TIDEGATE_VERSION);
  app.require_subcommand(1);
  int code = 0;
  tidegate::add_run_command(app, code);
  tidegate::add_check_command(app, code);
  tidegate::add_status_commands(app, code);
  tidegate::add_module_commands(app, code);
  tidegate::add_deployment_commands(app, code);
  tidegate::add_uplink_command(app, code);
  tidegate::add_audit_command(app, code);
  tidegate::add_events_command(app, code);
  tidegate::add_identity_commands(app, code);
  tidegate::add_policy_commands(app, code);
  tidegate::add_twin_commands(app, code);
  tidegate::add_c2d_commands(app, code);
  tidegate::add_method_command(app, code);
  tidegate::add_certificate_command(app, code);
  tidegate::harness::add_bench_command(app, code);
  tidegate::harness::add_chaos_command(app, code);
  refuse_negative_counts(app);
  if (is_unknown_command(app, argc, argv))
    return 2;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return code;
}
