#include "runtime/api/log_stream.hpp"

#include "messages/deployment/module_log.hpp"

namespace tidegate {

namespace {

/// The head of a frame: the stream, three zeros, the length, high byte first.
void write_frame(const log_line& line, std::size_t length, std::string& to) {
  to += line.error ? '\2' : '\1';
  to.append(3, '\0');
  for (int shift = 24; shift >= 0; shift -= 8)
    to += static_cast<char>(length >> shift & 0xff);
}

} // namespace

void log_stream::write(const log_line& line, std::string& to) {
  auto& open = open_[line.error ? 1 : 0];
  const auto goes_on = std::exchange(open, line.partial);
  const auto time = format_.timestamps && !goes_on
                      ? deployment::log_time(line.time) + "000Z "
                      : std::string{};
  const std::string_view end = line.partial ? "" : "\n";
  if (format_.frames)
    write_frame(line, time.size() + line.text.size() + end.size(), to);
  to.append(time).append(line.text).append(end);
}

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
  for (const auto& line : batch)
    write(line, piece);
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
