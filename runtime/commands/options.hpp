#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tidegate {

/// What every operator command takes: which node it speaks to, and how it
/// prints.
struct common_options {
  std::string config_file = "/etc/tidegate/tidegate.toml";
  std::string socket; ///< the management socket; the configuration's if empty
  bool json = false;

  void add_to(CLI::App& command);
};

} // namespace tidegate
