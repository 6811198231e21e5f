#include "module_client/module_client.hpp"
#include "modules/threshold.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

} // namespace

/// Takes readings on input `readings` and passes those on to output `alerts`
/// whose field `FIELD` (memoryPercent) is above `THRESHOLD` (0). With
/// `FIELD=*` it passes everything on as it came.
int main() try {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const tidegate::module::threshold limit{
    variable("FIELD", "memoryPercent"),
    std::strtod(variable("THRESHOLD", "0").c_str(), nullptr)};
  const auto gateway = tidegate::module::client::from_environment();
  gateway->on_input("readings", [&](const tidegate::module::message& in) {
    if (!limit.crossed_by(in.body))
      return;
    auto alert = in;
    alert.properties["alert"] = limit.field();
    gateway->send_event("alerts", alert);
  });
  gateway->open();
  int signal = 0;
  sigwait(&ends, &signal);
  gateway->flush(std::chrono::seconds{3});
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "filter: %s\n", error.what());
  return 1;
}
