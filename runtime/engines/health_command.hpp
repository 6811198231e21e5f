#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tidegate {

/// Runs a command in the surroundings of the module in `folder`, and kills it,
/// with all that it has started, when it ends or takes longer than `timeout`.
/// `done`
/// gets empty text when it ended with 0, else what went wrong; it is called
/// on the context's thread.
void run_health_command(boost::asio::io_context& context,
                        const std::filesystem::path& shim,
                        const std::filesystem::path& folder,
                        const std::vector<std::string>& command,
                        std::chrono::milliseconds timeout,
                        std::function<void(std::string)> done);

} // namespace tidegate
