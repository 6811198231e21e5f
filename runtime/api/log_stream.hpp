#pragma once

#include "actors/modules/log_query.hpp"
#include "runtime/http/responder.hpp"

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace tidegate {

/// How log lines are written.
struct log_format {
  bool timestamps = false; ///< `2026-01-02T03:04:05.678901000Z ` before each
  /// Each behind 8 bytes that say how long it is and whether it was written to
  /// stderr, as container engines do.
  bool frames = false;
};

/// Passes a module's log lines on as the body of an answer, as text: pieces of
/// one line on one line, with one time. The
/// engine hands lines over as fast as it reads; what the operator's terminal
/// has not taken yet waits here, up to `most_waiting` bytes.
class log_stream : public log_sink {
public:
  static constexpr std::size_t most_waiting = std::size_t{64} << 20;

  explicit log_stream(http::responder answer, log_format format = {})
    : answer_{std::move(answer)}, format_{format} {}

  bool lines(std::vector<log_line> batch) override;
  void end(const std::string& problem) override;

private:
  /// Shared with the stream's callbacks, which may outlive the sink.
  struct body {
    std::mutex mutex;
    http::body_stream_ptr stream;
    std::deque<std::string> waiting;
    std::size_t waiting_bytes = 0;
    bool full = false;
    bool ended = false;
    bool closed = false;

    void send();
  };

  void write(const log_line& line, std::string& to);

  http::responder answer_;
  log_format format_;
  std::array<bool, 2> open_{}; ///< the last piece ended no line, by stream
  std::shared_ptr<body> body_;
};

} // namespace tidegate
