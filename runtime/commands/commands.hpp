#pragma once

#include <CLI/CLI.hpp>

namespace tidegate {

/// Each adds its command line to `app`; when the command was given, its exit
/// code is stored in `code`: 0 done, 1 failed, 2 wrong usage or configuration.
void add_run_command(CLI::App& app, int& code);
void add_check_command(CLI::App& app, int& code);
void add_identity_commands(CLI::App& app, int& code);
void add_policy_commands(CLI::App& app, int& code);
void add_twin_commands(CLI::App& app, int& code);
void add_events_command(CLI::App& app, int& code);
void add_status_commands(CLI::App& app, int& code);
void add_module_commands(CLI::App& app, int& code);
void add_deployment_commands(CLI::App& app, int& code);
void add_uplink_command(CLI::App& app, int& code);
void add_c2d_commands(CLI::App& app, int& code);
void add_method_command(CLI::App& app, int& code);
void add_audit_command(CLI::App& app, int& code);
void add_certificate_command(CLI::App& app, int& code);

} // namespace tidegate
