#include "runtime/engines/docker/containers.hpp"

#include "actors/log.hpp"
#include "runtime/engines/docker/container_usage.hpp"
#include "runtime/engines/docker/json_access.hpp"
#include "runtime/engines/docker/owned_filter.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/array.hpp>
#include <caf/send.hpp>
#include <unistd.h>

namespace tidegate::docker {

namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr milliseconds pause_between_tries{500};
/// Past the grace of a stop, how long an engine may take to answer.
constexpr milliseconds stop_slack{60'000};

void tell(const caf::actor& whom, auto message) {
  if (whom)
    caf::anon_send(whom, std::move(message));
}

engine_call call_for(const char* method, const std::string& name,
                     const std::string& what) {
  engine_call call;
  call.method = method;
  call.target = "/containers/" + name + what;
  return call;
}

/// The name of a container in a list; links add others, as `/other/name`.
std::string own_name(const boost::json::value& listed) {
  const auto* found = look_up(listed, "/Names");
  if (const auto* all = found ? found->if_array() : nullptr)
    for (const auto& one : *all)
      if (const auto name = text_at(one, ""); name.rfind('/') == 0)
        return name.substr(1);
  return {};
}

void complain(const char* sentence, const std::string& name,
              const http::response& answer) {
  log::warning("modules", sentence,
               {{"module", name}, {"why", message_of(answer)}});
}

} // namespace

containers::containers(asio::io_context& context, engine_api& api,
                       images& all_images, const docker_engine_options& options)
  : context_{context}, api_{api}, images_{all_images},
    book_{options.folder / "notes"}, maker_{api, all_images, options} {}

void containers::queue(const std::string& name, call what) {
  auto& line = lines_[name];
  line.push_back(std::move(what));
  if (line.size() == 1)
    asio::co_spawn(context_, work_off(name), asio::detached);
}

containers::awaitable<> containers::work_off(std::string name) {
  auto& line = lines_[name];
  while (!line.empty()) {
    try {
      co_await line.front()();
    } catch (const std::exception& failed) {
      log::error("modules", "a call of the container engine failed",
                 {{"module", name}, {"why", failed.what()}});
    }
    line.pop_front();
  }
  lines_.erase(name);
}

void containers::list(const caf::actor& asker) {
  asio::co_spawn(context_, list_now(asker), asio::detached);
}

void containers::inspect(const std::string& name, const caf::actor& asker) {
  queue(name, [=, this] { return inspect_now(name, asker); });
}

void containers::create(const module_launch& launch, const caf::actor& owner) {
  queue(launch.spec.name, [=, this] { return create_now(launch, owner); });
}

void containers::adopt(const std::string& name, const caf::actor& owner) {
  queue(name, [=, this] { return adopt_now(name, owner); });
}

void containers::start(const std::string& name) {
  queue(name, [=, this] { return start_now(name); });
}

void containers::stop(const std::string& name, milliseconds grace) {
  queue(name, [=, this] { return stop_now(name, grace); });
}

void containers::remove(const std::string& name, const caf::actor& asker) {
  queue(name, [=, this] { return remove_now(name, asker); });
}

void containers::usage(const caf::actor& asker) {
  asio::co_spawn(context_, usage_now(asker), asio::detached);
}

void containers::look_at(const std::string& name) {
  auto* container = book_.find(name);
  if (!container || container->look_queued)
    return;
  container->look_queued = true;
  queue(name, [=, this] { return look_now(name); });
}

void containers::look_at_all() {
  for (const auto& name : book_.names())
    look_at(name);
}

void containers::remember(const std::string& name, restart_record record) {
  auto* container = book_.find(name);
  if (!container || container->notes.restarts == record)
    return;
  container->notes.restarts = record;
  book_.save(*container);
}

containers::awaitable<bool> containers::refresh(std::string name) {
  for (;;) {
    const auto answer = co_await api_.insist(call_for("GET", name, "/json"));
    if (answer.status == 404)
      co_return false;
    if (answer.status == 200)
      if (const auto facts = read_container(document_of(answer)))
        co_return book_.take(*facts);
    complain("a container cannot be looked at", name, answer);
    co_await api_.pause(pause_between_tries);
  }
}

containers::awaitable<std::vector<std::string>> containers::owned_names() {
  for (;;) {
    engine_call what;
    what.target = "/containers/json?all=true&filters=" + owned_filter({});
    const auto answer = co_await api_.insist(std::move(what));
    const auto document = document_of(answer);
    const auto* list = document.if_array();
    if (answer.status == 200 && list) {
      std::vector<std::string> names;
      for (const auto& one : *list)
        if (auto name = own_name(one); !name.empty())
          names.push_back(std::move(name));
      co_return names;
    }
    complain("containers cannot be listed", "", answer);
    co_await api_.pause(pause_between_tries);
  }
}

containers::awaitable<> containers::list_now(caf::actor asker) {
  engine_modules all;
  const auto names = co_await owned_names();
  for (const auto& name : names)
    if (co_await refresh(name))
      all.modules.push_back(record_of(*book_.find(name)));
  tell(asker, std::move(all));
}

containers::awaitable<> containers::inspect_now(std::string name,
                                                caf::actor asker) {
  engine_modules found{name, {}};
  if (co_await refresh(name))
    found.modules.push_back(record_of(*book_.find(name)));
  tell(asker, std::move(found));
}

containers::awaitable<> containers::adopt_now(std::string name,
                                              caf::actor owner) {
  const auto there = co_await refresh(name);
  auto& container = book_.give(name, std::move(owner));
  if (there)
    book_.tell_state(container);
  else
    book_.tell_gone(container);
}

containers::awaitable<> containers::look_now(std::string name) {
  if (auto* container = book_.find(name))
    container->look_queued = false;
  const auto there = co_await refresh(name);
  auto* container = book_.find(name);
  if (container && there)
    book_.tell_news(*container);
  else if (container && !container->facts.id.empty())
    book_.tell_gone(*container);
}

containers::awaitable<> containers::usage_now(caf::actor asker) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
  engine_usage all;
  for (const auto& name : book_.names()) {
    const auto* container = book_.find(name);
    if (!container || !container->facts.running)
      continue;
    const auto answer = co_await api_.ask(
      call_for("GET", name, "/stats?stream=false&one-shot=true"));
    if (answer && answer->status == 200)
      all.modules.push_back(
        read_container_usage(name, document_of(*answer), page * pages));
  }
  tell(asker, std::move(all));
}

containers::awaitable<> containers::create_now(module_launch launch,
                                               caf::actor owner) {
  const auto name = launch.spec.name;
  auto problem = co_await try_create(std::move(launch));
  if (problem.empty())
    book_.give(name, owner);
  tell(owner, engine_done{name, std::move(problem), {}});
}

containers::awaitable<std::string>
containers::try_create(module_launch launch) {
  const auto& name = launch.spec.name;
  auto made = co_await maker_.make(launch);
  // The answer to an earlier try may have been lost with the engine.
  if (made.exists && co_await refresh(name)
      && book_.find(name)->facts.hash == launch.hash)
    made.problem.clear();
  if (!made.problem.empty())
    co_return made.problem;
  if (!co_await refresh(name))
    co_return "the container that was made is gone";
  auto& container = *book_.find(name);
  if (!launch.spec.digest.empty()
      && container.facts.image_id != made.image_id) {
    // Its name has come to mean another image since the digest was compared.
    co_await destroy(name);
    co_return launch.spec.image + " was replaced while it was being used";
  }
  book_.begin_notes(container, launch.memo);
  images_.used(made.image_id);
  co_return std::string{};
}

containers::awaitable<> containers::start_now(std::string name) {
  const auto there = co_await refresh(name);
  auto* container = book_.find(name);
  if (!container)
    co_return;
  if (!there)
    co_return book_.tell_gone(*container);
  if (container->facts.running)
    co_return book_.tell_state(*container);
  if (std::exchange(container->notes.told_to_stop, false))
    book_.save(*container);
  const auto answer = co_await api_.insist(call_for("POST", name, "/start"));
  const auto still_there = co_await refresh(name);
  container = book_.find(name);
  if (!still_there)
    co_return book_.tell_gone(*container);
  if (answer.status >= 400)
    co_return book_.tell_down(*container,
                              {exit_kind::spawn_failed,
                               container->facts.exit_code, message_of(answer)});
  if (!book_.tell_news(*container))
    book_.tell_state(*container);
}

containers::awaitable<> containers::stop_now(std::string name,
                                             milliseconds grace) {
  if (!book_.find(name))
    co_return;
  const auto there = co_await end(name, grace);
  auto& container = *book_.find(name);
  if (!there)
    book_.tell_gone(container, false);
  else if (!book_.tell_news(container))
    book_.tell_state(container);
}

containers::awaitable<bool> containers::end(std::string name,
                                            milliseconds grace) {
  for (;;) {
    if (!co_await refresh(name))
      co_return false;
    auto& container = *book_.find(name);
    if (!container.facts.running)
      co_return true;
    if (!std::exchange(container.notes.told_to_stop, true))
      book_.save(container);
    // The engine counts seconds.
    const auto seconds = container.facts.stop_timeout.value_or(
      std::chrono::ceil<std::chrono::seconds>(grace));
    auto what
      = call_for("POST", name, "/stop?t=" + std::to_string(seconds.count()));
    what.timeout = seconds + stop_slack;
    const auto answer = co_await api_.insist(std::move(what));
    if (answer.status < 400 || answer.status == 404)
      continue;
    complain("a container cannot be stopped", name, answer);
    co_await api_.pause(pause_between_tries);
  }
}

containers::awaitable<std::string> containers::destroy(std::string name) {
  for (;;) {
    const auto answer = co_await api_.insist(
      call_for("DELETE", name, "?v=false&force=true&link=false"));
    if (answer.status == 204 || answer.status == 404) {
      book_.forget(name);
      co_return std::string{};
    }
    // 409: somebody else is about it.
    if (answer.status != 409)
      co_return message_of(answer);
    co_await api_.pause(pause_between_tries);
  }
}

containers::awaitable<> containers::remove_now(std::string name,
                                               caf::actor asker) {
  std::string problem;
  const auto there = co_await refresh(name);
  if (const auto* container = book_.find(name)) {
    if (!asker)
      asker = container->owner;
    images_.used(container->facts.image_id);
  }
  // What is there and not ours is left alone.
  if (there)
    problem = co_await destroy(name);
  else
    book_.forget(name);
  tell(asker, engine_done{name, std::move(problem), {}});
}

} // namespace tidegate::docker
