#pragma once

#include <deque>
#include <functional>
#include <mutex>

namespace tidegate {

/// Begins jobs one after the other, in order: the next when the one before says
/// that it is done, from the thread that says so. Any thread.
class one_by_one {
public:
  using job = std::function<void()>;

  /// Begins `next` now, or when all before it are done.
  void add(job next) {
    {
      const std::lock_guard guard{mutex_};
      waiting_.push_back(std::move(next));
      if (waiting_.size() > 1)
        return;
    }
    begin();
  }

  /// The job that has begun is done.
  void done() {
    {
      const std::lock_guard guard{mutex_};
      waiting_.pop_front();
      if (waiting_.empty())
        return;
    }
    begin();
  }

private:
  void begin() {
    job next;
    {
      const std::lock_guard guard{mutex_};
      next = waiting_.front();
    }
    next();
  }

  std::mutex mutex_;
  std::deque<job> waiting_; ///< the first has begun
};

} // namespace tidegate
