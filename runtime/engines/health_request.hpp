#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>

namespace tidegate {

/// Asks for `url`, plain HTTP, and calls `done` on the thread of `context`:
/// with empty text when the answer is 200 to 399, else with what went wrong.
void run_health_request(boost::asio::io_context& context,
                        const std::string& url,
                        std::chrono::milliseconds timeout,
                        std::function<void(std::string)> done);

} // namespace tidegate
