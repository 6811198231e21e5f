#include "runtime/engines/docker/container_book.hpp"

#include "actors/log.hpp"
#include "runtime/engines/durable_file.hpp"

#include <caf/send.hpp>

namespace tidegate::docker {

namespace {

void tell(const caf::actor& whom, auto message) {
  if (whom)
    caf::anon_send(whom, std::move(message));
}

/// How it ended; `otherwise` when it never ran.
exit_cause cause_of(const kept_container& container, exit_kind otherwise) {
  return end_of(container.facts, container.notes.told_to_stop)
    .value_or(exit_cause{otherwise, 0, {}});
}

} // namespace

container_book::container_book(std::filesystem::path folder)
  : folder_{std::move(folder)} {
  std::error_code ignored; // shows when the first notes are written
  std::filesystem::create_directories(folder_, ignored);
}

kept_container* container_book::find(const std::string& name) {
  const auto found = containers_.find(name);
  return found == containers_.end() ? nullptr : &found->second;
}

std::vector<std::string> container_book::names() const {
  std::vector<std::string> all;
  for (const auto& [name, container] : containers_)
    all.push_back(name);
  return all;
}

std::filesystem::path container_book::notes_of(const std::string& name) const {
  return folder_ / name;
}

bool container_book::take(const container_facts& facts) {
  if (!facts.owned)
    return false;
  auto& container = containers_[facts.name];
  if (container.notes.id != facts.id) {
    auto notes
      = decode_notes(read_file(notes_of(facts.name)).value_or(std::string{}));
    if (!notes || notes->id != facts.id)
      notes = container_notes{facts.id, false, {}, {}};
    container.notes = std::move(*notes);
  }
  container.facts = facts;
  publish(facts.name, facts.id);
  return true;
}

void container_book::begin_notes(kept_container& container,
                                 const std::string& memo) {
  container.notes = {container.facts.id, false, {}, memo};
  save(container);
}

void container_book::save(const kept_container& container) {
  const auto& name = container.facts.name;
  if (const auto problem
      = write_durably(notes_of(name), encode(container.notes));
      !problem.empty())
    log::error("modules", "a module's notes could not be written",
               {{"module", name}, {"why", problem}});
}

void container_book::forget(const std::string& name) {
  containers_.erase(name);
  publish(name, {});
  std::error_code ignored;
  std::filesystem::remove(notes_of(name), ignored);
}

kept_container& container_book::give(const std::string& name,
                                     caf::actor owner) {
  auto& container = containers_[name];
  container.facts.name = name;
  container.owner = std::move(owner);
  return container;
}

void container_book::tell_up(kept_container& container) {
  const auto& facts = container.facts;
  container.told_life = facts.life;
  container.told_up = true;
  container.told_health = container_health::none;
  tell(container.owner,
       module_up{facts.name, facts.pid, facts.started, facts.image_id});
}

void container_book::tell_down(kept_container& container, exit_cause cause,
                               bool dead) {
  container.told_life = container.facts.life;
  container.told_up = false;
  tell(container.owner, module_down{container.facts.name, std::move(cause),
                                    container.facts.finished, dead});
}

/// Of a container that was never unhealthy there is nothing to tell.
void container_book::tell_health(kept_container& container) {
  const auto& facts = container.facts;
  const auto before = std::exchange(container.told_health, facts.health);
  const auto healthy = facts.health == container_health::healthy;
  if (healthy ? before == container_health::unhealthy : before != facts.health)
    tell(container.owner,
         module_health{facts.name, healthy, facts.health_detail});
}

bool container_book::tell_news(kept_container& container) {
  const auto& facts = container.facts;
  bool told = false;
  if (!facts.life.empty() && facts.life != container.told_life) {
    // The engine, or somebody at it, has started it again without being asked.
    if (container.told_up)
      tell_down(container, {exit_kind::unknown, 0, "it was started again"});
    tell_up(container);
    told = true;
  }
  if (container.told_up && !facts.running) {
    tell_down(container, cause_of(container, exit_kind::unknown), facts.dead);
    told = true;
  }
  if (facts.running && facts.health != container_health::none)
    tell_health(container);
  return told;
}

void container_book::tell_state(kept_container& container) {
  if (container.facts.running) {
    container.told_life.clear();
    container.told_up = false;
    tell_news(container);
  } else {
    // One that was only created has not failed.
    tell_down(container, cause_of(container, exit_kind::stopped),
              container.facts.dead);
  }
}

void container_book::tell_gone(kept_container& container, bool dead) {
  publish(container.facts.name, {});
  container.facts.id.clear();
  container.facts.running = false;
  tell_down(container, {exit_kind::unknown, 0, "its container is gone"}, dead);
}

void container_book::publish(const std::string& name, const std::string& id) {
  const std::lock_guard guard{ids_mutex_};
  if (id.empty())
    ids_.erase(name);
  else
    ids_[name] = id;
}

bool container_book::is_process_of(const std::string& name, pid_t pid) const {
  std::string id;
  {
    const std::lock_guard guard{ids_mutex_};
    const auto found = ids_.find(name);
    if (found == ids_.end())
      return false;
    id = found->second;
  }
  // `/docker/ID` or `/system.slice/docker-ID.scope`, in any hierarchy.
  const auto groups = read_file("/proc/" + std::to_string(pid) + "/cgroup");
  return groups && groups->find(id) != std::string::npos;
}

module_record record_of(const kept_container& container) {
  const auto& facts = container.facts;
  module_record record;
  record.name = facts.name;
  record.hash = facts.hash;
  record.image_hash = facts.image_id;
  record.memo = container.notes.memo;
  record.running = facts.running;
  record.dead = facts.dead;
  record.pid = facts.running ? facts.pid : 0;
  record.started = facts.started;
  record.finished = facts.finished;
  if (!facts.running)
    record.ended = end_of(facts, container.notes.told_to_stop);
  record.restarts = container.notes.restarts;
  return record;
}

} // namespace tidegate::docker
