#include "runtime/engines/docker/docker_engine.hpp"

#include "runtime/engines/docker/container_logs.hpp"
#include "runtime/engines/docker/container_probe.hpp"
#include "runtime/engines/docker/containers.hpp"
#include "runtime/engines/docker/engine_events.hpp"
#include "runtime/net/io_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace asio = boost::asio;
using asio::awaitable;

/// The loop comes first: what waits on it must be gone before it is.
class docker_engine::impl {
public:
  explicit impl(docker_engine_options options)
    : options_{std::move(options)}, api_{loop_.context(), options_.socket},
      images_{api_, options_}, containers_{loop_.context(), api_, images_,
                                           options_} {
    docker::event_listener listener;
    listener.begun = [this] { containers_.look_at_all(); };
    listener.happened
      = [this](const std::string& name) { containers_.look_at(name); };
    spawn(docker::follow_events(api_, std::move(listener)));
    if (options_.cleanup.enabled)
      spawn(images_.clean_up_daily());
    loop_.start();
  }

  ~impl() { loop_.stop(); }

  /// Has `work` done on the thread of the engine.
  template <class Work>
  void post(Work work) {
    asio::post(loop_.context(),
               [this, work = std::move(work)] { work(containers_); });
  }

  void spawn(awaitable<void> work) {
    asio::co_spawn(loop_.context(), std::move(work), asio::detached);
  }

  awaitable<void> prepare(module_launch launch, caf::actor asker) {
    engine_done done{launch.spec.name, {}, launch.hash};
    done.problem = co_await images_.fetch(std::move(launch));
    caf::anon_send(asker, std::move(done));
  }

  awaitable<void> probe(std::string name, std::vector<std::string> command,
                        std::chrono::milliseconds timeout, caf::actor asker) {
    probe_done done{name, false, {}};
    done.detail = co_await docker::probe_container(api_, std::move(name),
                                                   std::move(command), timeout);
    done.healthy = done.detail.empty();
    caf::anon_send(asker, std::move(done));
  }

  awaitable<void> logs(std::string name, log_query query,
                       std::shared_ptr<log_sink> sink) {
    return docker::read_container_log(api_, std::move(name), query,
                                      std::move(sink));
  }

  const docker::container_book& book() const { return containers_.book(); }

private:
  const docker_engine_options options_;
  io_loop loop_;
  docker::engine_api api_;
  docker::images images_;
  docker::containers containers_;
};

docker_engine::docker_engine(docker_engine_options options)
  : impl_{std::make_unique<impl>(std::move(options))} {}

docker_engine::~docker_engine() = default;

void docker_engine::list(caf::actor asker) {
  impl_->post([=](docker::containers& all) { all.list(asker); });
}

void docker_engine::inspect(std::string name, caf::actor asker) {
  impl_->post([=](docker::containers& all) { all.inspect(name, asker); });
}

void docker_engine::prepare(module_launch launch, caf::actor asker) {
  impl_->spawn(impl_->prepare(std::move(launch), std::move(asker)));
}

void docker_engine::create(module_launch launch, caf::actor owner) {
  impl_->post([=](docker::containers& all) { all.create(launch, owner); });
}

void docker_engine::adopt(std::string name, caf::actor owner) {
  impl_->post([=](docker::containers& all) { all.adopt(name, owner); });
}

void docker_engine::start(std::string name) {
  impl_->post([=](docker::containers& all) { all.start(name); });
}

void docker_engine::stop(std::string name, std::chrono::milliseconds grace) {
  impl_->post([=](docker::containers& all) { all.stop(name, grace); });
}

void docker_engine::remove(std::string name, caf::actor asker) {
  impl_->post([=](docker::containers& all) { all.remove(name, asker); });
}

void docker_engine::remember(std::string name, restart_record record) {
  impl_->post([=](docker::containers& all) { all.remember(name, record); });
}

void docker_engine::probe(std::string name, std::vector<std::string> command,
                          std::chrono::milliseconds timeout, caf::actor asker) {
  impl_->spawn(impl_->probe(std::move(name), std::move(command), timeout,
                            std::move(asker)));
}

void docker_engine::usage(caf::actor asker) {
  impl_->post([=](docker::containers& all) { all.usage(asker); });
}

void docker_engine::logs(std::string name, log_query query,
                         std::shared_ptr<log_sink> sink) {
  impl_->spawn(impl_->logs(std::move(name), query, std::move(sink)));
}

bool docker_engine::is_process_of(const std::string& name, pid_t pid) const {
  return impl_->book().is_process_of(name, pid);
}

} // namespace tidegate
