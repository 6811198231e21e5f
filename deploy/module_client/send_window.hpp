#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidegate::module {

/// The messages that were sent and are not acknowledged yet: a fixed number
/// of slots, so that a callback can name one by its address for as long as
/// the window lives.
class send_window {
public:
  struct slot {
    bool used = false;
    std::uint64_t sequence = 0;
    std::string topic;
    std::string body;
  };

  explicit send_window(std::size_t size) : slots_(size) {}

  bool full() const { return used_ == slots_.size(); }
  bool empty() const { return used_ == 0; }

  /// Takes a slot. Only when not full.
  slot* take(std::string topic, std::string body) {
    for (auto& one : slots_) {
      if (one.used)
        continue;
      one = {true, ++last_, std::move(topic), std::move(body)};
      ++used_;
      return &one;
    }
    return nullptr;
  }

  /// The message is acknowledged. A slot that is free already stays free.
  void free(slot* done) {
    if (!done->used)
      return;
    *done = {};
    --used_;
  }

  /// What is not acknowledged, oldest first.
  std::vector<slot*> pending();

private:
  std::vector<slot> slots_;
  std::size_t used_ = 0;
  std::uint64_t last_ = 0;
};

} // namespace tidegate::module
