#include "benchmarks/harness/bench/open_door.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace tidegate::harness {

namespace {

/// How often a door that may not be open yet is tried.
constexpr std::chrono::milliseconds knock_every{1};

} // namespace

std::optional<std::chrono::nanoseconds>
time_until_open(const endpoint& door, event_loop& loop,
                std::chrono::duration<double> patience) {
  using boost::asio::ip::tcp;
  using clock = std::chrono::steady_clock;
  boost::system::error_code bad;
  const auto address = boost::asio::ip::make_address(door.address, bad);
  const auto begin = clock::now();
  while (!bad && clock::now() - begin < patience) {
    tcp::socket probe{loop.io()};
    boost::system::error_code refused;
    probe.connect({address, door.port}, refused);
    if (!refused)
      return clock::now() - begin;
    if (loop.run_for(knock_every) == waited::interrupted)
      break;
  }
  return {};
}

} // namespace tidegate::harness
