#include "benchmarks/harness/bench/command.hpp"
#include "benchmarks/harness/chaos/command.hpp"
#include "runtime/commands/commands.hpp"

#include <CLI/CLI.hpp>

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
  tidegate::add_audit_command(app, code);
  tidegate::add_events_command(app, code);
  tidegate::add_identity_commands(app, code);
  tidegate::add_certificate_command(app, code);
  tidegate::harness::add_bench_command(app, code);
  tidegate::harness::add_chaos_command(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return code;
}
