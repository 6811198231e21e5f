#include "runtime/engines/docker/container_facts.hpp"

#include "messages/deployment/create_body.hpp"
#include "runtime/engines/docker/engine_time.hpp"
#include "runtime/engines/docker/json_access.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

namespace tidegate::docker {

namespace {

using boost::json::value;

/// Exit codes from here on name the signal that ended the process.
constexpr int signal_base = 128;
constexpr int most_signal = 64;
constexpr std::size_t longest_detail = 256;
constexpr std::int64_t longest_stop = 3600;

/// 0 for the engine's "never", which is the year 1.
wall_milliseconds time_at(const value& in, std::string_view pointer) {
  const auto time = parse_engine_time(text_at(in, pointer));
  return time && *time > 0 ? *time / 1000 : 0;
}

void read_health(const value& from, container_facts& into) {
  const auto status = text_at(from, "/State/Health/Status");
  if (status == "healthy")
    into.health = container_health::healthy;
  if (status != "unhealthy")
    return;
  into.health = container_health::unhealthy;
  const auto* log = look_up(from, "/State/Health/Log");
  const auto* checks = log ? log->if_array() : nullptr;
  if (!checks || checks->empty())
    return;
  into.health_detail
    = text_at(checks->back(), "/Output").substr(0, longest_detail);
  if (into.health_detail.empty())
    into.health_detail
      = "exit code " + std::to_string(number_at(checks->back(), "/ExitCode"));
}

} // namespace

std::optional<container_facts> read_container(const value& from) {
  container_facts facts;
  facts.id = text_at(from, "/Id");
  facts.name = text_at(from, "/Name");
  if (facts.id.empty() || facts.name.size() < 2)
    return std::nullopt;
  facts.name.erase(0, 1); // `/name`
  facts.image_id = text_at(from, "/Image");
  facts.hash = text_at(from, std::string{"/Config/Labels/"} + hash_label);
  facts.owned
    = text_at(from, std::string{"/Config/Labels/"} + deployment::owner_label)
      == deployment::owner_name;
  const auto status = text_at(from, "/State/Status");
  facts.running = truth_at(from, "/State/Running");
  facts.dead = status == "dead" || truth_at(from, "/State/Dead");
  facts.terminal = truth_at(from, "/Config/Tty");
  if (const auto* timeout = look_up(from, "/Config/StopTimeout");
      timeout && timeout->is_int64())
    facts.stop_timeout = std::chrono::seconds{
      std::clamp<std::int64_t>(timeout->get_int64(), 0, longest_stop)};
  facts.out_of_memory = truth_at(from, "/State/OOMKilled");
  facts.exit_code = static_cast<int>(number_at(from, "/State/ExitCode"));
  facts.error = text_at(from, "/State/Error");
  facts.pid = number_at(from, "/State/Pid");
  facts.started = time_at(from, "/State/StartedAt");
  facts.finished = time_at(from, "/State/FinishedAt");
  if (facts.started != 0)
    facts.life = text_at(from, "/State/StartedAt");
  read_health(from, facts);
  return facts;
}

std::optional<exit_cause> end_of(const container_facts& facts, bool told) {
  const auto code = facts.exit_code;
  if (!facts.error.empty())
    return exit_cause{exit_kind::spawn_failed, code, facts.error};
  if (facts.life.empty())
    return std::nullopt;
  if (told)
    return exit_cause{exit_kind::stopped, 0, {}};
  if (code == 0)
    return exit_cause{exit_kind::finished, 0, {}};
  if (facts.out_of_memory)
    return exit_cause{exit_kind::out_of_memory, 0, {}};
  if (code > signal_base && code <= signal_base + most_signal)
    return exit_cause{exit_kind::killed, code - signal_base, {}};
  return exit_cause{exit_kind::failed, code, {}};
}

} // namespace tidegate::docker
