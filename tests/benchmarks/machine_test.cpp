#include "benchmarks/harness/nodes/child_process.hpp"
#include "benchmarks/harness/nodes/machine.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <thread>

namespace {

using namespace tidegate::harness;
using namespace std::chrono_literals;

/// A program on a machine, and what it writes.
struct machine_fixture {
  std::filesystem::path folder = new_folder();
  machine on;

  machine_fixture() {
    REQUIRE(on.open(folder / "machine", TIDEGATE_MACHINE_LIBRARY).empty());
  }
  ~machine_fixture() { std::filesystem::remove_all(folder); }

  std::string run(const std::vector<std::string>& arguments) {
    const auto log = folder / "log";
    std::filesystem::remove(log);
    child_process program;
    REQUIRE(program.start(arguments, log, on.environment()).empty());
    while (program.running())
      std::this_thread::yield();
    std::ifstream in{log};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

} // namespace

TEST_CASE_METHOD(machine_fixture,
                 "a program is told a wrong time while it is "
                 "to be",
                 "[harness][io]") {
  const auto told = [this] { return std::stoll(run({"/bin/date", "+%s"})); };
  CHECK(told() - now() <= 1);
  on.step_clock(24h);
  const auto wrong = told() - now();
  CHECK(wrong > 86'300);
  CHECK(wrong < 86'500);
  CHECK(on.wrong_times() > 0);
  on.step_clock(0s);
  CHECK(told() - now() <= 1);
}

TEST_CASE_METHOD(machine_fixture,
                 "syncs of a program are slow while they are "
                 "to be",
                 "[harness][io]") {
  const auto file = (folder / "machine").string();
  const std::vector<std::string> sync{"/bin/sync", "-d", file};
  run(sync);
  CHECK(on.slow_syncs() == 0);
  on.slow_sync(20ms, 30ms);
  const auto begin = std::chrono::steady_clock::now();
  run(sync);
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  CHECK(on.slow_syncs() == 1);
}
