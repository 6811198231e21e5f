#include "actors/modules/resource_meter.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct metered : deterministic {
  std::shared_ptr<fake_engine> engine = std::make_shared<fake_engine>();
  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  std::shared_ptr<metrics> meters
    = std::make_shared<metrics>(registry, prometheus::Labels{});
  machine_usage machine;
  caf::actor meter;

  metered() {
    machine.memory = 1000;
    machine.memory_used = 400;
    machine.disks = {{"/dev/sda1", "/", "ext4", 50, 20}};
    resource_meter_context context;
    context.engine = engine;
    context.meters = meters;
    context.look = [this] { return machine; };
    context.version = "1.2";
    meter = sys.spawn(resource_meter, context);
    run();
  }

  ~metered() {
    self->send_exit(meter, caf::exit_reason::user_shutdown);
    run();
  }

  double gauge(const char* name, prometheus::Labels labels = {}) {
    labels.emplace("ms_telemetry", "True");
    return meters->gauge(name, "", labels).Value();
  }

  double of_module(const char* name) {
    return gauge(name, {{"module_name", "m"}});
  }

  /// How much of the processors `module` used: nothing when it was not said.
  std::vector<double> processor(const std::string& module) {
    const auto seen
      = meters
          ->summary("edgeAgent_used_cpu_percent", "",
                    {{"module_name", module}, {"ms_telemetry", "True"}}, 1h)
          .Collect()
          .summary;
    return {static_cast<double>(seen.sample_count), seen.sample_sum};
  }

  void work(std::chrono::milliseconds busy, std::chrono::milliseconds all) {
    machine.processor.busy += busy;
    machine.processor.all += all;
  }
};

module_usage some_usage() {
  module_usage one;
  one.name = "m";
  one.processor = 100ms;
  one.memory = 70;
  one.processes = 3;
  one.disk_read = 11;
  one.disk_written = 12;
  return one;
}

} // namespace

TEST_CASE_METHOD(metered, "what a machine uses is metered", "[usage]") {
  work(500ms, 2000ms);
  pass(60s);
  CHECK(gauge("edgeAgent_used_memory_bytes", {{"module_name", "host"}}) == 400);
  CHECK(gauge("edgeAgent_total_memory_bytes", {{"module_name", "host"}})
        == 1000);
  CHECK(gauge("edgeAgent_iotedged_uptime_seconds") == 60);
  CHECK(gauge("edgeAgent_available_disk_space_bytes",
              {{"disk_name", "/dev/sda1"},
               {"disk_filesystem", "ext4"},
               {"disk_filetype", "Unknown"}})
        == 20);
  CHECK(processor("host") == std::vector<double>{1, 25});
}

TEST_CASE_METHOD(metered, "what a module uses is metered", "[usage]") {
  engine->used = {some_usage()};
  work(0ms, 1000ms);
  pass(60s);
  CHECK(of_module("edgeAgent_used_memory_bytes") == 70);
  CHECK(of_module("edgeAgent_total_memory_bytes") == 1000);
  CHECK(of_module("edgeAgent_created_pids_total") == 3);
  CHECK(of_module("edgeAgent_total_disk_read_bytes") == 11);
  CHECK(of_module("edgeAgent_total_disk_write_bytes") == 12);
  CHECK(processor("m") == std::vector<double>{0, 0});
  SECTION("its share of the processors from the second time on") {
    engine->used[0].processor += 250ms;
    work(0ms, 1000ms);
    pass(5min);
    CHECK(processor("m") == std::vector<double>{1, 25});
    SECTION("but not what a restart takes back") {
      engine->used[0].processor = 1ms;
      work(0ms, 1000ms);
      pass(5min);
      CHECK(processor("m") == std::vector<double>{1, 25});
    }
  }
  SECTION("its own limit, if it has one") {
    engine->used[0].memory_limit = 80;
    pass(5min);
    CHECK(of_module("edgeAgent_total_memory_bytes") == 80);
  }
  SECTION("nothing, once it does not run") {
    engine->used = {};
    pass(5min);
    CHECK(of_module("edgeAgent_used_memory_bytes") == 0);
    CHECK(of_module("edgeAgent_created_pids_total") == 0);
  }
}
