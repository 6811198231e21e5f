#include "runtime/engines/control_group.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/group_file.hpp"
#include "runtime/engines/user_table.hpp"
#include "runtime/engines/volumes.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fstream>

using namespace tidegate;

namespace fs = std::filesystem;

TEST_CASE("each module has a user of its own, for ever", "[engines][io]") {
  const temporary_folder folder;
  const auto file = folder.path() / "users";
  user_table table{file, 500, 2};
  CHECK(table.user_of("a").user == 500u);
  CHECK(table.user_of("b").user == 501u);
  CHECK(table.user_of("a").user == 500u);
  user_table later{file, 500, 2};
  CHECK(later.user_of("b").user == 501u);
  const auto full = later.user_of("c");
  CHECK_FALSE(full.user);
  CHECK(full.problem.starts_with("all 2 users of modules.users are taken"));
  SECTION("and none that could not be remembered") {
    user_table nowhere{folder.path() / "no/folder", 500, 2};
    CHECK_FALSE(nowhere.user_of("a").user);
    CHECK_FALSE(nowhere.user_of("a").problem.empty());
  }
}

TEST_CASE("a module's limits go to its control group", "[engines][io]") {
  const temporary_folder kernel;
  const auto group = kernel.path() / "tidegate";
  const auto put = [](const fs::path& file, const std::string& text) {
    std::ofstream{file} << text;
  };
  SECTION("where there are any") {
    fs::create_directories(group / "m");
    put(kernel.path() / "cgroup.controllers", "cpuset cpu memory pids\n");
    put(kernel.path() / "cgroup.subtree_control", "");
    CHECK(possible_limits(group).cpu);
    CHECK(possible_limits(group).pids);
    put(group / "cgroup.controllers", "cpu memory\n");
    put(group / "cgroup.subtree_control", "");
    const control_groups groups{group};
    CHECK(groups.support().cpu);
    CHECK_FALSE(groups.support().pids);
    CHECK(groups.limits_memory());
    deployment::resource_limits limits;
    limits.memory = 8u << 20;
    limits.nano_cpus = 500'000'000;
    const auto settings = groups.settings(limits);
    CHECK(settings
          == std::vector<std::string>{"memory.max 8388608",
                                      "cpu.max 50000 100000"});
    CHECK(groups.settings({}).front() == "memory.max max");
    put(group / "m/memory.max", "");
    put(group / "m/cpu.max", "");
    CHECK(groups.make("m", settings).empty());
    CHECK(read_file(group / "m/cpu.max") == "50000 100000");
    CHECK(groups.make("other", settings).starts_with("writing 8388608 to "));
  }
  SECTION("and nowhere else") {
    CHECK_FALSE(possible_limits(group).cpu);
    const control_groups none{group};
    CHECK_FALSE(none.support().cpu);
    CHECK_FALSE(none.limits_memory());
    CHECK_FALSE(fs::exists(group));
    CHECK(none.settings({}).empty());
    CHECK_FALSE(possible_limits({}).cpu);
  }
}

TEST_CASE("kills for want of memory are read from the group", "[engines][io]") {
  const temporary_folder folder;
  CHECK(group_memory_kills(folder.path()) == 0);
  std::ofstream{folder.path() / "memory.events"}
    << "low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n";
  CHECK(group_memory_kills(folder.path()) == 2);
}

TEST_CASE("a module gets the folders that it may have", "[engines][io]") {
  const temporary_folder folder;
  process_engine_options options;
  options.volumes = folder.path() / "volumes";
  const auto shared = folder.path() / "shared";
  const auto work = folder.path() / "work";
  fs::create_directories(shared / "in");
  fs::create_directories(work);
  const auto problem = [&](const std::string& source) {
    return find_volumes({{source, "/x"}}, options).problem;
  };
  CHECK(problem((shared / "in").string())
        == (shared / "in").string()
             + " cannot be shared: modules.shared is not set");
  options.shared = shared;
  CHECK(problem((shared / "in").string()).empty());
  CHECK_FALSE(problem((shared / "none").string()).empty());
  CHECK_FALSE(problem((shared / "../work").string()).empty());
  fs::create_symlink(work, shared / "out");
  CHECK_FALSE(problem((shared / "out").string()).empty());
  fs::create_directories(folder.path() / "shared2");
  CHECK_FALSE(problem((folder.path() / "shared2").string()).empty());

  const std::vector<deployment::volume> wanted{
    {(shared / "in").string(), "/data/in"}, {"kept", "/kept"}, {"x", "/../up"}};
  REQUIRE(make_volumes(wanted, options, work, {}, {}).empty());
  CHECK(find_volumes(wanted, options).folders[1]
        == (folder.path() / "volumes/kept").string());
  std::ofstream{work / "kept/file"} << "x";
  CHECK(fs::exists(folder.path() / "volumes/kept/file"));
  CHECK(fs::is_directory(work / "data/in"));
  CHECK_FALSE(fs::exists(folder.path() / "up"));
  // Again, as for a module that is made again.
  CHECK(make_volumes(wanted, options, work, {}, {}).empty());
}
