#pragma once

#include "benchmarks/harness/nodes/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::harness {

/// The body of an event as `tidegate events --json` writes it; empty when the
/// line is none or its body is not text.
std::string event_body(std::string_view line);

/// Reads a hub's event log by `tidegate events`, as an operator would, while
/// the harness goes on with other things.
class event_reader {
public:
  /// Called for the body of each event, in the order of the log.
  using handler = std::function<void(std::string_view body)>;

  event_reader(boost::asio::io_context& io, handler on_event)
    : pipe_(io), on_event_(std::move(on_event)) {}

  /// Runs `arguments`; what goes wrong with it is found in `log`. An error
  /// text, or empty.
  std::string start(const std::vector<std::string>& arguments,
                    const std::filesystem::path& log);

  /// The command has ended and everything it wrote was told.
  bool ended() const { return ended_; }
  std::uint64_t count() const { return count_; }

private:
  void read();
  void take_lines();

  child_process command_;
  boost::asio::posix::stream_descriptor pipe_;
  handler on_event_;
  std::string text_;
  std::size_t filled_ = 0;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

} // namespace tidegate::harness
