#include "module_client/module_client.hpp"
#include "modules/host_readings.hpp"

#include <atomic>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

std::atomic<bool> stopping = false;

std::chrono::milliseconds period() {
  const char* text = std::getenv("PERIOD_MS");
  const long given = text ? std::strtol(text, nullptr, 10) : 0;
  return std::chrono::milliseconds{given > 0 ? given : 1000};
}

} // namespace

/// Publishes readings of this machine on output `readings`, every `PERIOD_MS`
/// milliseconds (1000).
int main() try {
  std::signal(SIGTERM, [](int) { stopping = true; });
  std::signal(SIGINT, [](int) { stopping = true; });
  const auto gateway = tidegate::module::client::from_environment();
  gateway->open();
  tidegate::module::host_readings readings;
  auto next = std::chrono::steady_clock::now();
  for (long sequence = 1; !stopping; ++sequence) {
    tidegate::module::message reading;
    reading.body = boost::json::serialize(readings.take());
    reading.properties["sequence"] = std::to_string(sequence);
    gateway->send_event("readings", reading);
    next += period();
    std::this_thread::sleep_until(next);
  }
  gateway->flush(std::chrono::seconds{3});
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "host-sensor: %s\n", error.what());
  return 1;
}
