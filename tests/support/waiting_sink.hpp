#pragma once

#include "actors/modules/log_query.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace tidegate {

/// Takes a whole log as one text, in which each line is written by `write`;
/// a problem stands at its end.
class waiting_sink : public log_sink {
public:
  explicit waiting_sink(std::function<std::string(const log_line&)> write)
    : write_{std::move(write)} {}

  bool lines(std::vector<log_line> batch) override {
    const std::lock_guard guard{mutex_};
    for (const auto& line : batch)
      text_ += write_(line);
    return true;
  }
  void end(const std::string& problem) override {
    const std::lock_guard guard{mutex_};
    text_ += problem;
    ended_ = true;
    changed_.notify_all();
  }
  /// Once the log has ended, or after ten seconds.
  std::string text() {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, std::chrono::seconds{10},
                      [this] { return ended_; });
    return text_;
  }

private:
  std::function<std::string(const log_line&)> write_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  bool ended_ = false;
};

} // namespace tidegate
