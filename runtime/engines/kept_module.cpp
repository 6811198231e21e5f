#include "runtime/engines/kept_module.hpp"

#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/process_table.hpp"

#include <caf/send.hpp>
#include <cerrno>
#include <chrono>
#include <sstream>

namespace tidegate {

namespace {

using phase = state_record::phase;

/// What a shim notes of a module that ended because it was told to.
constexpr auto told_to = "stopped";

wall_milliseconds wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

exit_cause cause_of(const state_record& state) {
  switch (state.now) {
  case phase::exited:
    if (state.detail == told_to)
      return {exit_kind::stopped, state.code, {}};
    return {state.code == 0 ? exit_kind::finished : exit_kind::failed,
            state.code,
            {}};
  case phase::killed:
    if (state.detail == told_to)
      return {exit_kind::stopped, 128 + state.code, {}};
    return {exit_kind::killed, state.code, state.detail};
  case phase::out_of_memory:
    return {exit_kind::out_of_memory, state.code, state.detail};
  case phase::spawn_failed:
    return {exit_kind::spawn_failed, state.code == EACCES ? 126 : 127,
            state.detail};
  case phase::running:
    break;
  }
  return {exit_kind::unknown, 0, "the process that watched it was killed"};
}

void load_restarts(kept_module& into) {
  std::istringstream text{read_file(into.folder / "restarts").value_or("")};
  restart_record read;
  if (text >> read.attempts >> read.restarts >> read.last_restart) {
    text >> read.proven; // younger than the rest
    into.restarts = read;
  }
}

std::optional<state_record> read_state(const kept_module& of) {
  const auto text = read_file(of.folder / "state");
  return text ? decode_state(*text) : std::nullopt;
}

} // namespace

bool load(kept_module& into) {
  const auto text = read_file(into.folder / "launch");
  auto launch = text ? decode_launch(*text) : std::nullopt;
  if (!launch || launch->name != into.folder.filename())
    return false;
  into.launch = std::move(*launch);
  into.state = read_state(into);
  load_restarts(into);
  if (into.state && into.state->now == phase::running
      && into.state->boot != boot_id()) {
    // The machine stopped, and the module with it.
    note_end(into, phase::exited, told_to);
    into.state->finished = into.state->started;
  }
  return true;
}

void refresh(kept_module& module) {
  if (auto read = read_state(module); read && read->shim == module.shim)
    module.state = std::move(read);
}

void note_end(kept_module& module, phase how, std::string detail) {
  if (!module.state)
    module.state.emplace();
  module.state->now = how;
  module.state->detail = std::move(detail);
  module.state->finished = wall_now();
}

std::string save_restarts(const kept_module& module) {
  const auto& of = module.restarts;
  return write_durably(
    module.folder / "restarts",
    std::to_string(of.attempts) + ' ' + std::to_string(of.restarts) + ' '
      + std::to_string(of.last_restart) + ' ' + (of.proven ? "1" : "0") + '\n');
}

module_record record_of(const kept_module& module) {
  module_record record;
  record.name = module.launch.name;
  record.hash = module.launch.hash;
  record.memo = module.launch.memo;
  record.image_hash = module.launch.image_hash;
  record.running = module.running();
  record.restarts = module.restarts;
  if (!module.state)
    return record;
  record.started = module.state->started;
  if (record.running) {
    record.pid = module.state->main.pid;
  } else {
    record.finished = module.state->finished;
    record.ended = cause_of(*module.state);
  }
  return record;
}

void tell_state(kept_module& module) {
  if (!module.owner)
    return;
  const auto record = record_of(module);
  if (record.running) {
    module.up_told = true;
    caf::anon_send(module.owner, module_up{record.name, record.pid,
                                           record.started, record.image_hash});
  } else {
    caf::anon_send(
      module.owner,
      module_down{record.name,
                  record.ended.value_or(exit_cause{exit_kind::stopped, 0, {}}),
                  record.finished, false});
  }
}

} // namespace tidegate
