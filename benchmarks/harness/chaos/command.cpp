#include "benchmarks/harness/chaos/command.hpp"

#include "benchmarks/harness/chaos/relay.hpp"
#include "benchmarks/harness/chaos/trial.hpp"

#include <cstdio>
#include <random>
#include <unistd.h>

namespace tidegate::harness {

namespace {

constexpr std::size_t quick_kills = 10;
constexpr std::size_t quick_crowd = 5;

int wrong(const std::string& why) {
  std::fprintf(stderr, "tidegate chaos: %s\n", why.c_str());
  return 2;
}

/// A seed that a double holds exactly, so that JSON does too.
std::uint64_t new_seed() { return 1 + std::random_device{}() % 1'000'000'000; }

} // namespace

int run_chaos(const chaos_options& given) {
  auto options = given;
  if (options.seed == 0)
    options.seed = new_seed();
  if (options.quick) {
    options.kills = quick_kills;
    options.crowd = quick_crowd;
  }
  const auto folder = options.folder.empty()
                        ? new_folder()
                        : std::filesystem::absolute(options.folder);
  if (folder.empty())
    return wrong("no folder for the nodes can be made");

  std::fprintf(stderr, "seed %llu, nodes in %s\n",
               static_cast<unsigned long long>(options.seed), folder.c_str());
  event_loop loop;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
  const stream_factory streams{loop.io(), tls};
  bench_result result;
  {
    trial one{loop, streams, options, folder};
    result = one.run(options.progress || isatty(STDERR_FILENO) == 1);
  }
  std::puts((options.json ? as_json(result) : as_table(result)).c_str());
  const auto proven = result.faults.empty();
  if (proven && !options.keep && options.folder.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  return proven ? 0 : 1;
}

void add_chaos_command(CLI::App& app, int& result) {
  auto* const command = app.add_subcommand(
    "chaos", "Break a gateway while it works; prove that nothing is lost");
  const auto options = std::make_shared<chaos_options>();
  add_chaos_options(*command, *options);
  command->callback([options, &result] { result = run_chaos(*options); });
  add_relay_command(app, result);
}

} // namespace tidegate::harness
