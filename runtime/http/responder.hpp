#pragma once

#include "runtime/http/message.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tidegate::http {

/// How a body that is written piece by piece goes on.
enum class flow : std::uint8_t {
  ready,  ///< more can be written
  full,   ///< taken, but wait for `stream_events::ready` before the next piece
  closed, ///< the peer is gone; nothing is taken any more
};

/// What a writer hears of its stream, on the loop's thread. Must not block.
struct stream_events {
  /// After `flow::full`: there is room again.
  std::function<void()> ready;
  /// The peer is gone. Called once, and not after `body_stream::finish`.
  std::function<void()> closed;
};

/// A response body without an end in sight. Any thread.
class body_stream {
public:
  virtual ~body_stream() = default;

  /// Queues a piece. The stream fails when a writer ignores `flow::full` and
  /// lets 8 MiB pile up.
  virtual flow write(std::string piece) = 0;

  /// Ends the body in order. Dropping the last handle does the same.
  virtual void finish() = 0;
};

using body_stream_ptr = std::shared_ptr<body_stream>;

/// One request that waits for its answer. Implemented by the server.
class exchange {
public:
  virtual ~exchange() = default;
  virtual void send(response answer) = 0;
  virtual body_stream_ptr stream(unsigned status, std::string content_type,
                                 stream_events events)
    = 0;

  /// As `responder::when_closed`; where nobody can leave nothing happens.
  virtual void when_closed(std::function<void()>) {}
};

/// Answers one request, later and from any thread if need be. The first
/// answer counts. When the last copy goes without one, the answer is 500.
class responder {
public:
  explicit responder(std::shared_ptr<exchange> with)
    : exchange_{std::move(with)} {}

  void send(response answer) const { exchange_->send(std::move(answer)); }

  void send_error(unsigned status, std::string_view message) const {
    send(error_response(status, message));
  }

  /// Starts an answer whose body is written piece by piece; the connection
  /// ends with it.
  body_stream_ptr stream(unsigned status, std::string content_type,
                         stream_events events = {}) const {
    return exchange_->stream(status, std::move(content_type),
                             std::move(events));
  }

  /// Calls `then` once, on the loop's thread, when the peer ends its
  /// connection before it has its answer. What has ended its writing counts
  /// as gone, but would still get one.
  void when_closed(std::function<void()> then) const {
    exchange_->when_closed(std::move(then));
  }

private:
  std::shared_ptr<exchange> exchange_;
};

/// Called on the loop's thread; must not block. What it throws is answered
/// with 500.
using handler = std::function<void(const request&, responder)>;

} // namespace tidegate::http
