#include "runtime/http/chunk_writer.hpp"

#include <array>
#include <cstdio>

namespace tidegate::http {

namespace {

using boost::system::error_code;

/// Above this a writer is asked to wait until everything has left.
constexpr std::size_t high_water = 256UL * 1024;
/// A writer that does not wait is cut off here.
constexpr std::size_t most_waiting = 8UL * 1024 * 1024;
/// How long the peer may take to close once it has everything.
constexpr auto leave_timeout = std::chrono::seconds{5};

std::string as_chunk(std::string_view piece) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  return std::string{size.data()}.append(piece).append("\r\n");
}

class handle final : public body_stream {
public:
  explicit handle(std::shared_ptr<chunk_writer> writer)
    : writer_{std::move(writer)} {}
  ~handle() override { writer_->finish(); }
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;

  flow write(std::string piece) override {
    return writer_->write(std::move(piece));
  }
  void finish() override { writer_->finish(); }

private:
  std::shared_ptr<chunk_writer> writer_;
};

} // namespace

body_stream_ptr hold(std::shared_ptr<chunk_writer> writer) {
  return std::make_shared<handle>(std::move(writer));
}

chunk_writer::chunk_writer(io_loop& loop, bool chunked,
                           std::chrono::milliseconds stall_timeout,
                           stream_events events)
  : loop_{loop}, chunked_{chunked}, stall_timeout_{stall_timeout},
    events_{std::move(events)}, timer_{loop.context()} {}

flow chunk_writer::write(std::string piece) {
  if (closed_ || finishing_)
    return flow::closed;
  // An empty chunk would end the body.
  const auto waiting
    = piece.empty()
        ? queue_.waiting()
        : queue_.push(own(chunked_ ? as_chunk(piece) : std::move(piece)));
  if (waiting > most_waiting)
    closed_ = true;
  if (waiting > high_water)
    told_full_ = true; // before the call that may find the queue drained
  call();
  return waiting > high_water ? flow::full : flow::ready;
}

void chunk_writer::finish() {
  if (finishing_.exchange(true))
    return;
  if (chunked_)
    queue_.push(own("0\r\n\r\n"));
  // Not before its end is queued: the loop may have sent all else.
  finished_ = true;
  call();
}

void chunk_writer::call() {
  if (!called_.exchange(true))
    loop_.attend(shared_from_this());
}

void chunk_writer::attend() {
  called_ = false;
  if (gone_)
    return;
  if (closed_)
    return drop();
  send();
}

void chunk_writer::start(byte_stream stream, std::string head) {
  stream_.emplace(std::move(stream));
  head_ = std::move(head);
  watch_the_peer();
  send();
}

/// The peer has nothing more to say: what can be read is its end.
void chunk_writer::watch_the_peer() {
  stream_->async_wait(io_wait::readable,
                      [self = shared_from_this()](const error_code& cancelled) {
                        if (cancelled)
                          return;
                        if (self->stream_->discard())
                          self->watch_the_peer();
                        else
                          self->drop();
                      });
}

void chunk_writer::send() {
  if (!stream_ || blocked_)
    return;
  std::array<iovec, 32> pieces;
  for (;;) {
    auto next = queue_.front(std::span{pieces}.subspan(1));
    if (!head_.empty()) {
      pieces[0] = {head_.data(), head_.size()};
      next = std::span{pieces}.first(next.size() + 1);
    }
    if (next.empty())
      break;
    const auto step = stream_->write_some(next);
    const auto of_head = std::min(step.count, head_.size());
    head_.erase(0, of_head);
    queue_.pop(step.count - of_head);
    if (step.error)
      return drop();
    if (step.wait != io_wait::nothing)
      return wait_to_send(step.wait);
  }
  if (finished_ && queue_.waiting() == 0)
    return leave();
  if (told_full_.exchange(false) && events_.ready)
    events_.ready();
}

void chunk_writer::wait_to_send(io_wait what) {
  blocked_ = true;
  drop_after(stall_timeout_);
  stream_->async_wait(what,
                      [self = shared_from_this()](const error_code& cancelled) {
                        self->blocked_ = false;
                        if (cancelled)
                          return;
                        self->timer_.cancel();
                        self->send();
                      });
}

void chunk_writer::leave() {
  events_ = {};
  stream_->end_writing();
  blocked_ = true;
  drop_after(leave_timeout);
}

void chunk_writer::drop_after(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled)
      self->drop();
  });
}

void chunk_writer::drop() {
  if (std::exchange(gone_, true))
    return;
  closed_ = true;
  timer_.cancel();
  if (stream_)
    stream_->close();
  const auto events = std::exchange(events_, {});
  if (events.closed && !finishing_)
    events.closed();
}

} // namespace tidegate::http
