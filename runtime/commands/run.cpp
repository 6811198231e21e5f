#include "runtime/commands/commands.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/node.hpp"

#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

/// The configuration, or nothing after its errors were printed.
std::unique_ptr<config> read_config(const std::string& file) {
  auto loaded = load_config(file);
  for (const auto& error : loaded.errors)
    std::fprintf(stderr, "tidegate: %s\n", to_string(error).c_str());
  if (!loaded.errors.empty())
    return nullptr;
  return std::make_unique<config>(std::move(loaded.value));
}

} // namespace

void add_run_command(CLI::App& app, int& code) {
  auto* command
    = app.add_subcommand("run", "Run a node in the foreground until it is "
                                "stopped");
  auto file = std::make_shared<std::string>("/etc/tidegate/tidegate.toml");
  command->add_option("--config,-c", *file, "the node's configuration")
    ->capture_default_str();
  command->callback([file, &code] {
    const auto with = read_config(*file);
    code = with ? run_node(*with) : 2;
  });
}

} // namespace tidegate
