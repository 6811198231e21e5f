#include "runtime/engines/process_engine.hpp"

#include "runtime/engines/log_reader.hpp"
#include "runtime/engines/module_processes.hpp"
#include "runtime/net/io_loop.hpp"

#include <boost/asio/post.hpp>

namespace tidegate {

/// The loops come first: what waits on them must be gone before they are.
class process_engine::impl {
public:
  explicit impl(process_engine_options options)
    : processes_{loop_.context(), std::move(options)} {
    loop_.start();
    log_loop_.start();
    post([](module_processes& processes) { processes.find_all(); });
  }

  ~impl() {
    loop_.stop();
    log_loop_.stop();
  }

  /// Has `work` done on the thread of the processes.
  template <class Work>
  void post(Work work) {
    boost::asio::post(loop_.context(),
                      [this, work = std::move(work)] { work(processes_); });
  }

  void logs(const std::filesystem::path& log, const log_query& query,
            const std::shared_ptr<log_sink>& sink) {
    if (log.empty())
      sink->end("there is no such module");
    else
      read_log(log_loop_.context(), log, query, sink);
  }

  const module_processes& processes() const { return processes_; }

private:
  io_loop loop_, log_loop_;
  module_processes processes_;
};

process_engine::process_engine(process_engine_options options)
  : impl_{std::make_unique<impl>(std::move(options))} {}

process_engine::~process_engine() = default;

void process_engine::list(caf::actor asker) {
  impl_->post([=](module_processes& all) { all.list(asker); });
}

void process_engine::inspect(std::string name, caf::actor asker) {
  impl_->post([=](module_processes& all) { all.inspect(name, asker); });
}

void process_engine::prepare(module_launch launch, caf::actor asker) {
  impl_->post([=](module_processes& all) { all.prepare(launch, asker); });
}

void process_engine::create(module_launch launch, caf::actor owner) {
  impl_->post([=](module_processes& all) { all.create(launch, owner); });
}

void process_engine::adopt(std::string name, caf::actor owner) {
  impl_->post([=](module_processes& all) { all.adopt(name, owner); });
}

void process_engine::start(std::string name) {
  impl_->post([=](module_processes& all) { all.start(name); });
}

void process_engine::stop(std::string name, std::chrono::milliseconds grace) {
  impl_->post([=](module_processes& all) { all.stop(name, grace); });
}

void process_engine::remove(std::string name, caf::actor asker) {
  impl_->post([=](module_processes& all) { all.remove(name, asker); });
}

void process_engine::remember(std::string name, restart_record record) {
  impl_->post([=](module_processes& all) { all.remember(name, record); });
}

void process_engine::probe(std::string name, std::vector<std::string> command,
                           std::chrono::milliseconds timeout,
                           caf::actor asker) {
  impl_->post(
    [=](module_processes& all) { all.probe(name, command, timeout, asker); });
}

void process_engine::usage(caf::actor asker) {
  impl_->post([=](module_processes& all) { all.usage(asker); });
}

void process_engine::logs(std::string name, log_query query,
                          std::shared_ptr<log_sink> sink) {
  impl_->post([=, this](module_processes& all) {
    impl_->logs(all.log_of(name), query, sink);
  });
}

deployment::limit_support process_engine::support() const {
  return impl_->processes().support();
}

bool process_engine::is_process_of(const std::string& name, pid_t pid) const {
  return impl_->processes().is_process_of(name, pid);
}

} // namespace tidegate
