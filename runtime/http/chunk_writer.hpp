#pragma once

#include "runtime/http/responder.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/outbound_queue.hpp"

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

namespace tidegate::http {

/// Writes one body piece by piece. Pieces may be written before there is a
/// stream to write them to.
class chunk_writer final : public attentive,
                           public std::enable_shared_from_this<chunk_writer> {
public:
  /// Without `chunked` the pieces go out as they are, and the body ends with
  /// the connection (HTTP/1.0).
  chunk_writer(io_loop& loop, bool chunked,
               std::chrono::milliseconds stall_timeout, stream_events events);

  /// As `body_stream`; any thread.
  flow write(std::string piece);
  void finish();

  /// Sends `head` (status line and headers) and what has been written since.
  /// The stream ends with the body. On the loop's thread, once.
  void start(byte_stream stream, std::string head);

  /// There will be no stream: the peer is gone. On the loop's thread.
  void drop();

  void attend() override;

private:
  void call();
  void watch_the_peer();
  void send();
  void wait_to_send(io_wait what);
  void leave();
  void drop_after(std::chrono::milliseconds delay);

  io_loop& loop_;
  const bool chunked_;
  const std::chrono::milliseconds stall_timeout_;
  stream_events events_;
  std::optional<byte_stream> stream_;
  boost::asio::steady_timer timer_;
  std::string head_;
  outbound_queue queue_;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> finishing_ = false; ///< no more pieces are taken
  std::atomic<bool> finished_ = false;  ///< all of it is queued
  std::atomic<bool> called_ = false;
  std::atomic<bool> told_full_ = false;
  bool blocked_ = false;
  bool gone_ = false;
};

/// What a handler holds: when it lets go, the body ends.
body_stream_ptr hold(std::shared_ptr<chunk_writer> writer);

} // namespace tidegate::http
