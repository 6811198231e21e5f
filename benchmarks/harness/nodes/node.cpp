#include "benchmarks/harness/nodes/node.hpp"

#include <fstream>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 5ms;
/// A node with a large backlog starts as fast as one without; this is for a
/// machine that is busy with something else.
constexpr auto longest_start = 20s;
constexpr auto grace = 15s;

} // namespace

node::node(std::filesystem::path program, node_settings settings)
  : program_(std::move(program)), settings_(std::move(settings)) {}

std::filesystem::path node::config_file() const {
  return settings_.folder / "tidegate.toml";
}

std::filesystem::path node::log_file() const {
  return settings_.folder / "log";
}

management node::calls() const {
  return management{settings_.folder / "run" / "management.sock"};
}

std::string node::start() {
  std::error_code bad;
  std::filesystem::create_directories(settings_.folder, bad);
  std::ofstream file{config_file(), std::ios::binary};
  file << node_configuration(settings_);
  file.close();
  if (!file)
    return config_file().string() + " cannot be written";
  if (!settings_.machine_library.empty() && machine_.environment().empty())
    if (auto why = machine_.open(settings_.folder / "machine",
                                 settings_.machine_library);
        !why.empty())
      return why;
  return process_.start(
    {program_.string(), "run", "--config", config_file().string()}, log_file(),
    machine_.environment());
}

std::string node::await_ready(event_loop& loop) {
  const auto deadline = std::chrono::steady_clock::now() + longest_start;
  while (!calls().status()) {
    if (loop.interrupted())
      return "interrupted";
    if (!running())
      return "the node ended; see " + log_file().string();
    if (std::chrono::steady_clock::now() > deadline)
      return "the node does not answer; see " + log_file().string();
    loop.run_for(look_every);
  }
  return {};
}

bool node::end() { return process_.end(grace); }

std::vector<std::string>
node::command(std::initializer_list<std::string> words) const {
  std::vector<std::string> arguments{program_.string()};
  arguments.insert(arguments.end(), words);
  arguments.insert(arguments.end(), {"--config", config_file().string()});
  return arguments;
}

std::filesystem::path own_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

} // namespace tidegate::harness
