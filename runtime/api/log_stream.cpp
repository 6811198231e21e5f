#include "runtime/api/log_stream.hpp"

namespace tidegate {

/// With the mutex held.
void log_stream::body::send() {
  while (!waiting.empty() && !full && !closed) {
    auto piece = std::move(waiting.front());
    waiting.pop_front();
    waiting_bytes -= piece.size();
    const auto now = stream->write(std::move(piece));
    full = now == http::flow::full;
    closed = now == http::flow::closed;
  }
  if (waiting.empty() && ended && !closed) {
    closed = true;
    stream->finish();
  }
}

bool log_stream::lines(std::vector<log_line> batch) {
  if (!body_) {
    body_ = std::make_shared<body>();
    http::stream_events events;
    events.ready = [body = body_] {
      const std::lock_guard guard{body->mutex};
      body->full = false;
      body->send();
    };
    events.closed = [body = body_] {
      const std::lock_guard guard{body->mutex};
      body->closed = true;
    };
    body_->stream = answer_.stream(200, "text/plain", std::move(events));
  }
  std::string piece;
  for (const auto& line : batch) {
    piece += line.text;
    if (!line.partial)
      piece += '\n';
  }
  const std::lock_guard guard{body_->mutex};
  body_->waiting_bytes += piece.size();
  body_->waiting.push_back(std::move(piece));
  body_->send();
  return !body_->closed && body_->waiting_bytes < most_waiting;
}

void log_stream::end(const std::string& problem) {
  if (!body_) {
    if (problem.empty())
      answer_.send({200, {}, "text/plain"});
    else
      answer_.send_error(404, problem);
    return;
  }
  const std::lock_guard guard{body_->mutex};
  body_->ended = true;
  body_->send();
}

} // namespace tidegate
