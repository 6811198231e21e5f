#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace tidegate {

/// Something that asks for a turn on the loop's thread.
class attentive {
public:
  /// Called on the loop's thread, once per `io_loop::attend`.
  virtual void attend() = 0;

protected:
  ~attentive() = default;
};

/// The one thread that every socket of the process lives on. It outlives every
/// session: end the actors first, while the loop still runs and their
/// connections can say goodbye, then stop it.
class io_loop {
public:
  io_loop() = default;
  ~io_loop() { stop(); }
  io_loop(const io_loop&) = delete;
  io_loop& operator=(const io_loop&) = delete;

  /// Starts the thread. Without it, whoever runs `context()` is the loop; a
  /// test does.
  void start();

  /// Ends the thread, whatever is still going on, and waits for it. From any
  /// other thread; more than once is fine.
  void stop();

  boost::asio::io_context& context() { return context_; }

  /// Has `who->attend()` called soon on the loop's thread. Any thread. A burst
  /// of calls wakes the loop once.
  void attend(std::shared_ptr<attentive> who);

private:
  void serve();

  boost::asio::io_context context_{1};
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<attentive>> waiting_;
  bool woken_ = false;
  std::vector<std::shared_ptr<attentive>> serving_; // the loop's thread only
};

} // namespace tidegate
