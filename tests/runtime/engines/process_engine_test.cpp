#include "runtime/engines/artifacts/file_digest.hpp"
#include "runtime/engines/process_engine.hpp"
#include "runtime/engines/process_table.hpp"
#include "support/temporary_folder.hpp"
#include "support/waiting_sink.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <unistd.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

std::string log_text(const log_line& line) {
  return (line.error ? "E " : "O ") + line.text + '\n';
}

struct fixture {
  temporary_folder folder;
  std::filesystem::path programs = "/bin";
  std::shared_ptr<user_table> users;
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::unique_ptr<process_engine> engine = make();

  ~fixture() {
    if (!engine)
      engine = make();
    for (const auto& record : list())
      engine->remove(record.name, self);
    for (auto left = list(); !left.empty(); left = list())
      ;
  }

  std::unique_ptr<process_engine> make() {
    process_engine_options options;
    options.folder = folder.path() / "modules";
    options.programs = programs;
    options.users = users;
    options.shim = TIDEGATE_SHIM;
    return std::make_unique<process_engine>(options);
  }

  void restart_gateway() {
    engine.reset();
    engine = make();
  }

  static module_launch script(const std::string& text) {
    deployment::module_spec spec;
    spec.name = "m";
    spec.image = "sh";
    spec.process.command = {"-c", text};
    return make_launch(spec, {{"TOLD", "yes"}});
  }

  template <class Message>
  Message await() {
    Message got{};
    self->receive([&](const Message& message) { got = message; },
                  caf::after(10s) >> [] { FAIL("no message came"); });
    return got;
  }

  void create(const module_launch& launch) {
    engine->create(launch, self);
    CHECK(await<engine_done>().problem.empty());
  }

  module_up start(const std::string& text) {
    create(script(text));
    engine->start("m");
    const auto up = await<module_up>();
    REQUIRE(up.pid > 1);
    return up;
  }

  std::vector<module_record> list() {
    engine->list(self);
    return await<engine_modules>().modules;
  }

  std::string log() {
    auto sink = std::make_shared<waiting_sink>(log_text);
    engine->logs("m", {}, sink);
    return sink->text();
  }

  /// Waits until the module has written `text`, and gives its whole log.
  std::string log_with(const std::string& text) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto all = log();
      if (all.find(text) != std::string::npos)
        return all;
      if (std::chrono::steady_clock::now() > until)
        FAIL("the module did not write " + text + " but: " + all);
    }
  }

  static bool alive(pid_t pid) {
    const auto found = find_process(pid);
    return found && found->state != 'Z';
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a prompt is shown while it waits for an answer",
                 "[engines][io]") {
  start("printf 'name? '; exec sleep 600");
  CHECK(log_with("name? ") == "O name? \n"); // as `log_text` writes it
}

TEST_CASE_METHOD(fixture, "a module's output and exit code are kept",
                 "[engines][io]") {
  const auto up = start("echo out; echo err >&2; exit 3");
  CHECK(up.pid > 0);
  const auto down = await<module_down>();
  CHECK(down.cause.kind == exit_kind::failed);
  CHECK(down.cause.code == 3);
  CHECK(down.finished >= up.started);
  const auto text = log();
  CHECK(text.find("O out\n") != std::string::npos);
  CHECK(text.find("E err\n") != std::string::npos);
  SECTION("and it can be started again") {
    engine->start("m");
    CHECK(await<module_up>().pid != up.pid);
    CHECK(await<module_down>().cause.code == 3);
  }
}

TEST_CASE_METHOD(fixture, "each way to end is told apart", "[engines][io]") {
  SECTION("a clean exit") {
    start("exit 0");
    CHECK(await<module_down>().cause.kind == exit_kind::finished);
  }
  SECTION("a signal") {
    start("kill -SEGV $$");
    const auto down = await<module_down>();
    CHECK(down.cause.kind == exit_kind::killed);
    CHECK(down.cause.code == SIGSEGV);
  }
  SECTION("a program that is not there") {
    auto launch = script("");
    launch.spec.image = "/no/such/program";
    create(launch);
    engine->start("m");
    const auto down = await<module_down>();
    CHECK(down.cause.kind == exit_kind::spawn_failed);
    CHECK(down.cause.code == 127);
    CHECK(down.cause.detail
          == "running /no/such/program: No such file or directory");
  }
  SECTION("a program that cannot be run") {
    auto launch = script("");
    launch.spec.image = "/etc/passwd";
    create(launch);
    engine->start("m");
    CHECK(await<module_down>().cause.code == 126);
  }
}

TEST_CASE_METHOD(fixture, "a module lives in clean surroundings",
                 "[engines][io]") {
  ::setenv("TIDEGATE_SECRET", "x", 1);
  auto launch
    = script("pwd; env; ulimit -n; ls -l /proc/self/fd | wc -l; "
             "grep NoNewPrivs /proc/self/status; ps -o sid= -p $$; echo $$");
  launch.spec.process.limits.ulimits = {{"nofile", 50, 60}};
  create(launch);
  engine->start("m");
  const auto up = await<module_up>();
  await<module_down>();
  const auto text = log();
  INFO(text);
  CHECK(text.find((folder.path() / "modules/m/work").string())
        != std::string::npos);
  CHECK(text.find("O TOLD=yes\n") != std::string::npos);
  CHECK(text.find("TIDEGATE_SECRET") == std::string::npos);
  CHECK(text.find("O 50\n") != std::string::npos);
  CHECK(text.find("O 5\n") != std::string::npos); // 0 to 2, ls's own, header
  CHECK(text.find("NoNewPrivs:\t1") != std::string::npos);
  CHECK(text.find("O " + std::to_string(up.pid) + "\n") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a module runs as its own user", "[engines][io]") {
  if (::geteuid() != 0)
    return;
  auto launch = script("id -u; id -g; id -G; echo x > file && cat file");
  launch.spec.process.user = "65534:65533";
  create(launch);
  engine->start("m");
  await<module_up>();
  await<module_down>();
  CHECK(log() == "O 65534\nO 65533\nO 65533\nO x\n");
}

TEST_CASE_METHOD(fixture, "a module is asked to end before it is killed",
                 "[engines][io]") {
  SECTION("one that listens ends in its own way") {
    start(
      "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done");
    log_with("up");
    engine->stop("m", 10s);
    const auto down = await<module_down>();
    CHECK(down.cause.kind == exit_kind::stopped);
    CHECK(down.cause.code == 7);
    CHECK(log().find("bye") != std::string::npos);
  }
  SECTION("one that does not is killed with all it started") {
    start("trap '' TERM; setsid sleep 1000 & echo child=$!; sleep 1000");
    const auto text = log_with("child=");
    const auto child
      = static_cast<pid_t>(std::stol(text.substr(text.find("child=") + 6)));
    CHECK(alive(child));
    engine->stop("m", 100ms);
    const auto down = await<module_down>();
    CHECK(down.cause.kind == exit_kind::stopped);
    CHECK(down.cause.code == 128 + SIGKILL);
    CHECK_FALSE(alive(child));
  }
  SECTION("one that does not run is said to be down") {
    create(script("exit 0"));
    engine->stop("m", 1s);
    CHECK(await<module_down>().cause.kind == exit_kind::stopped);
  }
}

TEST_CASE_METHOD(fixture, "nothing of a module outlives its main process",
                 "[engines][io]") {
  start("setsid sh -c 'sleep 1000 & echo child=$!; sleep 1000' & sleep 0.3; "
        "exit 1");
  const auto text = log_with("child=");
  const auto child
    = static_cast<pid_t>(std::stol(text.substr(text.find("child=") + 6)));
  await<module_down>();
  CHECK_FALSE(alive(child));
}

TEST_CASE_METHOD(fixture, "a module survives the gateway and is found again",
                 "[engines][io]") {
  const auto up = start("echo one; while [ ! -e go ]; do sleep 0.02; done; "
                        "echo two; exit 5");
  engine->remember("m", {2, 3, 4});
  log_with("one");
  const auto hash = list().at(0).hash;
  restart_gateway();
  const auto found = list();
  REQUIRE(found.size() == 1);
  CHECK(found[0].running);
  CHECK(found[0].pid == up.pid);
  CHECK(found[0].hash == hash);
  CHECK(found[0].restarts == restart_record{2, 3, 4});
  engine->adopt("m", self);
  CHECK(await<module_up>().pid == up.pid);
  const auto go = folder.path() / "modules/m/work/go";
  SECTION("with its exit code and its log") {
    std::ofstream{go}.put('x');
    CHECK(await<module_down>().cause.code == 5);
    CHECK(log().find("O two") != std::string::npos);
  }
  SECTION("also when it ended while there was no gateway") {
    engine.reset();
    std::ofstream{go}.put('x');
    while (alive(static_cast<pid_t>(up.pid)))
      ::usleep(1000);
    // The shim still records the end; a new gateway hears of it either way.
    engine = make();
    engine->adopt("m", self);
    exit_cause cause;
    self->receive([](const module_up&) {},
                  [&](const module_down& down) { cause = down.cause; });
    if (cause.code == 0)
      cause = await<module_down>().cause;
    CHECK(cause.code == 5);
  }
  SECTION("and can be stopped") {
    engine->stop("m", 5s);
    CHECK(await<module_down>().cause.kind == exit_kind::stopped);
  }
}

TEST_CASE_METHOD(fixture, "a module whose shim is killed ends with it",
                 "[engines][io]") {
  const auto up = start("sleep 1000 & echo child=$!; wait");
  const auto text = log_with("child=");
  const auto child
    = static_cast<pid_t>(std::stol(text.substr(text.find("child=") + 6)));
  std::ifstream stat{"/proc/" + std::to_string(up.pid) + "/stat"};
  std::string ignored;
  pid_t shim = 0;
  stat >> ignored >> ignored >> ignored >> shim;
  REQUIRE(shim > 1);
  ::kill(shim, SIGKILL);
  CHECK(await<module_down>().cause.kind == exit_kind::unknown);
  for (int i = 0; i < 1000 && alive(child); ++i)
    ::usleep(1000);
  CHECK_FALSE(alive(static_cast<pid_t>(up.pid)));
}

TEST_CASE_METHOD(fixture, "a removed module leaves nothing behind",
                 "[engines][io]") {
  const auto up = start("sleep 1000");
  engine->remove("m", {});
  CHECK(await<engine_done>().problem.empty());
  CHECK_FALSE(alive(static_cast<pid_t>(up.pid)));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "modules/m"));
  CHECK(list().empty());
}

TEST_CASE_METHOD(fixture, "a health probe is run as the module",
                 "[engines][io]") {
  start("touch ok; echo up; while :; do sleep 0.05; done");
  log_with("up");
  const auto probe = [this](std::vector<std::string> command) {
    engine->probe("m", std::move(command), 300ms, self);
    return await<probe_done>();
  };
  CHECK(probe({"/bin/sh", "-c", "test -e ok && test $TOLD = yes"}).healthy);
  const auto sick = probe({"/bin/sh", "-c", "exit 4"});
  CHECK_FALSE(sick.healthy);
  CHECK(sick.detail == "the health probe ended with 4");
  CHECK_FALSE(probe({"/bin/sleep", "10"}).healthy);
  CHECK_FALSE(probe({"/no/such/probe"}).healthy);
  SECTION("and leaves nothing behind, however it ends") {
    const auto leaves = [&](const std::string& rest) {
      probe({"/bin/sh", "-c",
             "setsid sleep 1000 > /dev/null & echo $! > left; " + rest});
      pid_t left = 0;
      std::ifstream{folder.path() / "modules/m/work/left"} >> left;
      REQUIRE(left > 1);
      return alive(left);
    };
    CHECK_FALSE(leaves("exit 0"));
    CHECK_FALSE(leaves("sleep 10"));
  }
}

TEST_CASE_METHOD(fixture, "what was replaced since does not run",
                 "[engines][io]") {
  programs = folder.path() / "programs";
  std::filesystem::create_directories(programs);
  const auto write = [this](const std::string& text) {
    std::ofstream{programs / "tool"} << "#!/bin/sh\n" << text;
    std::filesystem::permissions(programs / "tool",
                                 std::filesystem::perms{0755});
  };
  write("echo good");
  restart_gateway();
  deployment::module_spec spec;
  spec.name = "m";
  spec.image = "tool";
  spec.digest = "sha256:" + file_digest(programs / "tool");
  create(make_launch(spec, {}));
  engine->start("m");
  await<module_up>();
  CHECK(await<module_down>().cause.kind == exit_kind::finished);
  write("echo evil");
  engine->start("m");
  auto down = await<module_down>();
  CHECK(down.cause.detail.find("settings.digest") != std::string::npos);
  CHECK(log() == "O good\n");
  SECTION("nor after the gateway started again") {
    restart_gateway();
    engine->adopt("m", self);
    await<module_down>();
    engine->start("m");
    down = await<module_down>();
    CHECK(down.cause.detail.find("settings.digest") != std::string::npos);
  }
  SECTION("and runs when it is what it was") {
    write("echo good");
    engine->start("m");
    await<module_up>();
    await<module_down>();
    CHECK(log() == "O good\nO good\n");
  }
}

TEST_CASE_METHOD(fixture, "processes are known by their module",
                 "[engines][io]") {
  const auto up = start("sleep 1000 & echo child=$!; wait");
  const auto text = log_with("child=");
  const auto child
    = static_cast<pid_t>(std::stol(text.substr(text.find("child=") + 6)));
  CHECK(engine->is_process_of("m", static_cast<pid_t>(up.pid)));
  CHECK(engine->is_process_of("m", child));
  CHECK_FALSE(engine->is_process_of("m", ::getpid()));
  CHECK_FALSE(engine->is_process_of("other", child));
}

TEST_CASE_METHOD(fixture, "how long a crashed module takes to run again",
                 "[.measure]") {
  start("sleep 1000");
  std::vector<double> times;
  auto pid = list().at(0).pid;
  for (int i = 0; i < 200; ++i) {
    REQUIRE(pid > 1);
    const auto from = std::chrono::steady_clock::now();
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    await<module_down>();
    engine->start("m");
    pid = await<module_up>().pid;
    times.push_back(std::chrono::duration<double, std::milli>(
                      std::chrono::steady_clock::now() - from)
                      .count());
  }
  std::sort(times.begin(), times.end());
  std::cout << "crash to running, ms: p50 " << times[100] << ", p99 "
            << times[198] << ", longest " << times[199] << '\n';
}

TEST_CASE_METHOD(fixture, "what a module uses is told", "[engines][io]") {
  start("sleep 60 & echo going; while :; do :; done");
  log_with("going");
  module_usage seen;
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (seen.processor < 50ms && std::chrono::steady_clock::now() < until) {
    engine->usage(self);
    const auto all = await<engine_usage>();
    REQUIRE(all.modules.size() == 1);
    seen = all.modules.front();
  }
  CHECK(seen.name == "m");
  CHECK(seen.processes == 2);
  CHECK(seen.memory > 0);
  CHECK(seen.processor >= 50ms);
  CHECK_FALSE(seen.has_network);
}

TEST_CASE_METHOD(fixture, "a module is made from what was fetched for it",
                 "[engines][io]") {
  const auto source = folder.path() / "programs/tool/1.0";
  std::filesystem::create_directories(source);
  std::ofstream{source / "run"} << "#!/bin/sh\necho \"$TIDEGATE_ARTIFACT\"\n";
  std::filesystem::permissions(source / "run", std::filesystem::perms{0755});
  programs = folder.path() / "programs";
  restart_gateway();
  deployment::module_spec spec;
  spec.name = "m";
  spec.image = "tool:1.0";
  const auto launch = make_launch(spec, {});
  engine->prepare(launch, self);
  auto done = await<engine_done>();
  CHECK(done.problem.empty());
  CHECK(done.prepared == launch.hash);
  create(launch);
  engine->start("m");
  CHECK(await<module_up>().image_hash.starts_with("sha256:"));
  CHECK(await<module_down>().cause.kind == exit_kind::finished);
  const auto sink = std::make_shared<waiting_sink>(log_text);
  engine->logs("m", {}, sink);
  CHECK(sink->text() == "O " + source.string() + "\n");
  SECTION("and is not, when that is something else") {
    spec.digest = std::string(64, 'a');
    engine->prepare(make_launch(spec, {}), self);
    done = await<engine_done>();
    CHECK(done.problem.find("but settings.digest is") != std::string::npos);
  }
}

TEST_CASE_METHOD(fixture, "a module runs as a user of its own",
                 "[engines][io]") {
  if (::geteuid() != 0)
    return;
  users = std::make_shared<user_table>(folder.path() / "users", 59'000, 10);
  restart_gateway();
  auto launch = script("id -u; id -G; echo x > file; ls -n kept | wc -l; "
                       "touch kept/file && echo written");
  launch.spec.process.volumes = {{"kept", "/kept"}};
  // The way to its folder must be open to it.
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0711});
  create(launch);
  engine->start("m");
  await<module_up>();
  CHECK(await<module_down>().cause.kind == exit_kind::finished);
  const auto sink = std::make_shared<waiting_sink>(log_text);
  engine->logs("m", {}, sink);
  CHECK(sink->text() == "O 59000\nO 59000\nO 1\nO written\n");
  const auto work = folder.path() / "modules/m/work";
  CHECK(std::filesystem::status(work).permissions()
        == std::filesystem::perms::owner_all); // no other module reads there
}

TEST_CASE_METHOD(fixture, "what lies in a module's folder is never followed",
                 "[engines][io]") {
  // As somebody with the module's user could leave it behind.
  const auto work = folder.path() / "modules/m/work";
  const auto victim = folder.path() / "victim";
  std::filesystem::create_directories(work);
  std::filesystem::create_directories(victim);
  std::filesystem::create_symlink(victim, work / "data");
  auto launch = script("true");
  launch.spec.process.volumes = {{"kept", "/data/deep/kept"}};
  create(launch);
  CHECK(std::filesystem::is_empty(victim));
  CHECK(std::filesystem::is_symlink(work / "data/deep/kept"));
}

TEST_CASE_METHOD(fixture, "a module cannot be put where its user may not be",
                 "[engines][io]") {
  if (::geteuid() != 0)
    return;
  const auto closed = folder.path() / "closed";
  std::filesystem::create_directories(closed);
  std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
  auto launch = script("true");
  launch.spec.process.user = "65534";
  launch.spec.process.working_folder = closed;
  create(launch);
  engine->start("m");
  CHECK(await<module_down>().cause.detail.find("entering its folder")
        != std::string::npos);
}
