#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/launch_plan.hpp"
#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/process_table.hpp"
#include "runtime/engines/state_record.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace tidegate;

TEST_CASE("a launch record is read as it was written", "[engines]") {
  CHECK(rc::check([] {
    const auto texts = rc::gen::container<std::string>(rc::gen::map(
      rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); }));
    launch_record record;
    record.name = "filter";
    record.hash = *texts;
    record.arguments
      = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(texts));
    record.env = *rc::gen::container<std::vector<std::string>>(texts);
    record.folder = *texts;
    if (*rc::gen::arbitrary<bool>())
      record.user = *rc::gen::arbitrary<std::uint32_t>();
    record.limits = {{RLIMIT_NOFILE, 10, RLIM_INFINITY}};
    record.memo = record.image_hash = record.artifact = *texts;
    record.control_group = *texts;
    record.group_settings = record.env;
    record.stop_grace = *rc::gen::arbitrary<std::uint64_t>();
    RC_ASSERT(decode_launch(encode(record)) == record);
  }));
}

TEST_CASE("a state record is read as it was written", "[engines]") {
  state_record record;
  record.now = state_record::phase::out_of_memory;
  record.hash = "abc";
  record.boot = "boot";
  record.shim = {10, 11};
  record.main = {12, 13};
  record.started = 14;
  record.finished = 15;
  record.code = -1;
  record.detail = "a=b";
  CHECK(decode_state(encode(record)) == record);
}

TEST_CASE("broken records are not read", "[engines]") {
  CHECK_FALSE(decode_launch(""));
  CHECK_FALSE(decode_launch("name x"));
  CHECK_FALSE(decode_launch(std::string_view{"name x\0", 7}));
  CHECK_FALSE(decode_launch(std::string_view{"what x\0", 7}));
  CHECK_FALSE(decode_state(""));
  CHECK_FALSE(decode_state("phase=asleep\n"));
  CHECK_FALSE(decode_state("shim=12"));
  CHECK_FALSE(decode_state("shim=x\n"));
}

TEST_CASE("a file is replaced whole", "[engines][io]") {
  const temporary_folder folder;
  const auto file = folder.path() / "state";
  CHECK(write_durably(file, "one").empty());
  CHECK(write_durably(file, "two").empty());
  CHECK(read_file(file) == "two");
  CHECK_FALSE(read_file(folder.path() / "other"));
  CHECK_FALSE(write_durably(folder.path() / "no" / "state", "x").empty());
}

TEST_CASE("a process is found with its parent and start", "[engines][io]") {
  const auto self = find_process(::getpid());
  REQUIRE(self);
  CHECK(self->parent == ::getppid());
  CHECK(self->id.ticks > 0);
  CHECK(is_below(::getpid(), ::getppid()));
  CHECK_FALSE(is_below(::getppid(), ::getpid()));
  CHECK_FALSE(boot_id().empty());
}

TEST_CASE("a launch is planned from the create options", "[engines]") {
  process_engine_options options;
  options.programs = "/opt/modules";
  module_launch launch;
  launch.spec.name = launch.spec.image = "filter";
  launch.spec.process.command = {"-v"};
  launch.spec.process.limits.memory = 1u << 26;
  launch.spec.process.limits.ulimits = {{"nofile", 10, std::nullopt}};
  launch.env["A"] = "1";
  artifact from;
  from.program = "/opt/modules/filter";
  auto plan = plan_launch(launch, from, options, "/work", false);
  CHECK(plan.problem.empty());
  CHECK(plan.record.arguments
        == std::vector<std::string>{"/opt/modules/filter", "-v"});
  CHECK(plan.record.folder == "/work");
  CHECK(plan.record.stop_grace == 10'000);
  CHECK(
    plan.record.limits
    == std::vector<launch_record::limit>{{RLIMIT_DATA, 1u << 26, 1u << 26},
                                         {RLIMIT_NOFILE, 10, RLIM_INFINITY}});
  SECTION("an entry point replaces the program") {
    launch.spec.process.entrypoint = {"/usr/bin/python3", "-m"};
    plan = plan_launch(launch, from, options, "/work", false);
    CHECK(plan.record.arguments
          == std::vector<std::string>{"/usr/bin/python3", "-m", "-v"});
  }
  SECTION("a program of an artifact is looked for there") {
    from = {"/store/abc", "/store/abc/run", std::string(64, 'a'), true, {}};
    plan = plan_launch(launch, from, options, "/work", false);
    CHECK(plan.record.arguments.front() == "/store/abc/run");
    CHECK(plan.record.image_hash == "sha256:" + from.digest);
    CHECK(plan.record.artifact == from.digest);
    CHECK(plan.record.env.back() == "TIDEGATE_ARTIFACT=/store/abc");
    launch.spec.process.entrypoint = {"bin/start"};
    plan = plan_launch(launch, from, options, "/work", false);
    CHECK(plan.record.arguments.front() == "/store/abc/bin/start");
  }
  SECTION("memory is limited once") {
    plan = plan_launch(launch, from, options, "/work", true);
    CHECK(plan.record.limits.size() == 1);
  }
  SECTION("a folder that must not be shared is a problem") {
    launch.spec.process.volumes = {{"/etc", "/etc"}};
    CHECK_FALSE(
      plan_launch(launch, from, options, "/work", false).problem.empty());
  }
  SECTION("a user that does not exist is a problem") {
    launch.spec.process.user = "nobody-of-that-name";
    CHECK(plan_launch(launch, from, options, "/work", false).problem
          == "there is no user called nobody-of-that-name");
  }
}
