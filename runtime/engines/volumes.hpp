#pragma once

#include "messages/deployment/process_options.hpp"
#include "runtime/engines/launch_plan.hpp"

namespace tidegate {

/// The folders that a module asks for, in its order, or why it cannot have
/// them: a folder of the machine must be there, and below the one that modules
/// may share.
struct found_volumes {
  std::vector<std::string> folders;
  std::string problem;
};
found_volumes find_volumes(const std::vector<deployment::volume>& wanted,
                           const process_engine_options& options);

/// Makes the kept folders that are not there yet, for `user`, and a link to
/// each folder in `work`: `/data` is `data` there. Returns what went wrong, or
/// empty text.
std::string make_volumes(const std::vector<deployment::volume>& wanted,
                         const process_engine_options& options,
                         const std::filesystem::path& work,
                         std::optional<std::uint32_t> user,
                         std::optional<std::uint32_t> group);

} // namespace tidegate
