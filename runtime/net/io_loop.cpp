#include "runtime/net/io_loop.hpp"

#include "actors/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <pthread.h>

namespace tidegate {

void io_loop::start() {
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "io");
    const auto work = boost::asio::make_work_guard(context_);
    while (!context_.stopped()) {
      try {
        context_.run();
      } catch (const std::exception& failure) {
        log::error("net", "a handler of the socket loop failed",
                   {{"why", failure.what()}});
      }
    }
  }};
}

void io_loop::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

void io_loop::attend(std::shared_ptr<attentive> who) {
  {
    const std::lock_guard guard{mutex_};
    waiting_.push_back(std::move(who));
    if (std::exchange(woken_, true))
      return;
  }
  boost::asio::post(context_, [this] { serve(); });
}

void io_loop::serve() {
  {
    const std::lock_guard guard{mutex_};
    woken_ = false;
    serving_.swap(waiting_);
  }
  for (const auto& who : serving_)
    who->attend();
  serving_.clear();
}

} // namespace tidegate
