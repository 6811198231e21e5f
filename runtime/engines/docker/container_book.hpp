#pragma once

#include "runtime/engines/docker/container_facts.hpp"
#include "runtime/engines/docker/container_notes.hpp"

#include <caf/actor.hpp>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tidegate::docker {

/// A container as the gateway knows it, and what its owner has been told.
struct kept_container {
  container_facts facts; ///< without an id when there is no such container
  container_notes notes;
  caf::actor owner;
  std::string told_life; ///< the life whose start the owner knows of
  bool told_up = false;  ///< and nothing of its end yet
  container_health told_health = container_health::none;
  bool look_queued = false;
};

/// What is known of the containers of one engine, and who is told about it.
/// On one thread, except where said.
class container_book {
public:
  /// Notes are kept in `folder`.
  explicit container_book(std::filesystem::path folder);

  /// Null when there is none of that name.
  kept_container* find(const std::string& name);
  std::vector<std::string> names() const;

  /// Takes note of how a container is. False when no gateway owns it.
  bool take(const container_facts& facts);

  /// A container was made: starts new notes on it.
  void begin_notes(kept_container& container, const std::string& memo);
  void save(const kept_container& container);
  /// There is nothing left to know.
  void forget(const std::string& name);

  /// Makes `owner` the owner, also of a container that is not there.
  kept_container& give(const std::string& name, caf::actor owner);

  /// Tells the owner what it does not know yet; true when anything of it was
  /// about the container's running.
  bool tell_news(kept_container& container);
  /// Tells the owner how the container is, whether or not it knows.
  void tell_state(kept_container& container);
  void tell_down(kept_container& container, exit_cause cause,
                 bool dead = false);
  /// The container is gone: somebody has removed it, or its engine has lost
  /// it. The owner hears that it is down, and that it must be made again if
  /// `dead`.
  void tell_gone(kept_container& container, bool dead = true);

  /// True when `pid` runs in the container `name`. Any thread.
  bool is_process_of(const std::string& name, pid_t pid) const;

private:
  void tell_up(kept_container& container);
  void tell_health(kept_container& container);
  std::filesystem::path notes_of(const std::string& name) const;
  void publish(const std::string& name, const std::string& id);

  std::filesystem::path folder_;
  std::map<std::string, kept_container> containers_;
  mutable std::mutex ids_mutex_;
  std::map<std::string, std::string> ids_;
};

/// What lists say of it.
module_record record_of(const kept_container& container);

} // namespace tidegate::docker
