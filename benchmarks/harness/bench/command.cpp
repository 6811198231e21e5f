#include "benchmarks/harness/bench/command.hpp"

#include "benchmarks/harness/bench/modes.hpp"

#include <cstdio>
#include <unistd.h>

namespace tidegate::harness {

namespace {

bench_result measure(const bench_setting& with) {
  switch (with.options.mode) {
  case bench_mode::drain:
    return run_drain(with);
  case bench_mode::start:
    return run_start(with);
  case bench_mode::idle:
    return run_idle(with);
  case bench_mode::events:
    return run_events(with);
  case bench_mode::twins:
  case bench_mode::methods:
    return run_requests(with);
  case bench_mode::stream:
    break;
  }
  return run_stream(with);
}

int wrong(const std::string& why) {
  std::fprintf(stderr, "tidegate bench: %s\n", why.c_str());
  return 2;
}

} // namespace

int run_bench(const bench_options& options) {
  if (const auto why = check(options); !why.empty())
    return wrong(why);
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
  if (const auto why = set_trust(tls, options.ca_file); !why.empty())
    return wrong(why);
  event_loop loop;
  const stream_factory streams{loop.io(), tls};
  const auto target = make_target(options, loop);
  if (!target.fault.empty()) {
    std::fprintf(stderr, "tidegate bench: %s\n", target.fault.c_str());
    return 1;
  }
  const auto result = measure({options, target, loop, streams,
                               options.progress || isatty(STDERR_FILENO) == 1});
  std::puts((options.json ? as_json(result) : as_table(result)).c_str());
  return result.faults.empty() ? 0 : 1;
}

void add_bench_command(CLI::App& app, int& result) {
  auto* const command
    = app.add_subcommand("bench", "Put load on a node and measure it");
  const auto options = std::make_shared<bench_options>();
  add_bench_options(*command, *options);
  command->callback([options, &result] { result = run_bench(*options); });
}

} // namespace tidegate::harness
