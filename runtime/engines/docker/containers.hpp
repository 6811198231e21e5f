#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/docker/container_book.hpp"
#include "runtime/engines/docker/container_maker.hpp"
#include "runtime/engines/docker/engine_api.hpp"

#include <deque>
#include <functional>
#include <map>

namespace tidegate::docker {

/// What the docker engine does, on the thread of one loop; the calls are
/// those of `engine`. Each module has a line of calls; what the engine itself
/// tells of a container waits in the same line. A call that finds the engine
/// away waits for it.
class containers {
public:
  /// `context` must outlive the object, and run nothing of it afterwards.
  containers(boost::asio::io_context& context, engine_api& api,
             images& all_images, const docker_engine_options& options);

  void list(const caf::actor& asker);
  void inspect(const std::string& name, const caf::actor& asker);
  void create(const module_launch& launch, const caf::actor& owner);
  void adopt(const std::string& name, const caf::actor& owner);
  void start(const std::string& name);
  void stop(const std::string& name, std::chrono::milliseconds grace);
  void remove(const std::string& name, const caf::actor& asker);
  void remember(const std::string& name, restart_record record);
  void usage(const caf::actor& asker);

  /// Something has happened to this container: looks at it again.
  void look_at(const std::string& name);

  /// The engine was away: looks at every one again.
  void look_at_all();

  container_book& book() { return book_; }
  const container_book& book() const { return book_; }

private:
  template <class T = void>
  using awaitable = boost::asio::awaitable<T>;
  using call = std::function<awaitable<>()>;

  void queue(const std::string& name, call what);
  awaitable<> work_off(std::string name);

  awaitable<> list_now(caf::actor asker);
  awaitable<> inspect_now(std::string name, caf::actor asker);
  awaitable<> create_now(module_launch launch, caf::actor owner);
  awaitable<std::string> try_create(module_launch launch);
  awaitable<> adopt_now(std::string name, caf::actor owner);
  awaitable<> start_now(std::string name);
  awaitable<> stop_now(std::string name, std::chrono::milliseconds grace);
  /// False when the container is gone.
  awaitable<bool> end(std::string name, std::chrono::milliseconds grace);
  awaitable<> remove_now(std::string name, caf::actor asker);
  awaitable<std::string> destroy(std::string name);
  awaitable<> look_now(std::string name);
  awaitable<> usage_now(caf::actor asker);

  /// Asks the engine about the container and takes note of the answer. False
  /// when there is none of that name that is ours.
  awaitable<bool> refresh(std::string name);
  /// The names of all containers that are ours.
  awaitable<std::vector<std::string>> owned_names();

  boost::asio::io_context& context_;
  engine_api& api_;
  images& images_;
  container_book book_;
  container_maker maker_;
  std::map<std::string, std::deque<call>> lines_;
};

} // namespace tidegate::docker
