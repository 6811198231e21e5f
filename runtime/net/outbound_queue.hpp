#pragma once

#include "messages/bytes.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <sys/uio.h>
#include <vector>

namespace tidegate {

/// What waits to be sent on one connection: put in by any thread, taken out
/// by the one that owns the socket. Owns next to no memory while empty.
class outbound_queue {
public:
  /// Queues `data`. Any thread. Returns how many bytes now wait.
  std::size_t push(bytes data);

  /// Points `into` at the next bytes to send and returns the part it used;
  /// empty when nothing waits. Valid until `pop`. Owner only.
  std::span<const iovec> front(std::span<iovec> into);

  /// The first `count` bytes are sent. Owner only.
  void pop(std::size_t count);

  /// How many bytes wait. Any thread.
  std::size_t waiting() const { return waiting_; }

private:
  std::mutex mutex_;
  std::vector<bytes> incoming_; // guarded
  std::atomic<std::size_t> waiting_ = 0;
  std::vector<bytes> outgoing_; // owner only
  std::size_t sent_ = 0;        // leading pieces of `outgoing_` already sent
};

} // namespace tidegate
