#include "runtime/net/stream_connection.hpp"

#include "runtime/net/connection.hpp"

#include <array>
#include <boost/asio/error.hpp>

namespace tidegate {

namespace {

using boost::system::error_code;

/// Pieces in one gathered write.
constexpr std::size_t most_pieces = 64;
/// A peer that sends less than this at a time may hold its next packet back
/// until this one is acknowledged (Nagle's algorithm).
constexpr std::size_t small_read = 1024;

/// Full buffers read before other connections have their turn.
constexpr int turns_at_once = 4;

class stream_connection final : public connection {
public:
  stream_connection(io_loop& loop, byte_stream stream, peer_info peer,
                    connection_options_ptr options)
    : connection{loop, std::move(peer), std::move(options), stream.account()},
      stream_{std::move(stream)} {}

private:
  std::shared_ptr<stream_connection> self() {
    return std::static_pointer_cast<stream_connection>(shared_from_this());
  }

  void read() override {
    for (int turn = 0; turn < turns_at_once; ++turn) {
      if (!may_read())
        return;
      const auto step = stream_.read_some(room());
      input().commit(step.count);
      if (step.count > 0 && step.count < small_read)
        stream_.acknowledge_now();
      if (step.count > 0 && !deliver())
        return;
      if (step.error)
        return fail(reason_of(step.error));
      if (step.wait != io_wait::nothing) {
        input().shrink();
        return wait_to_read(step.wait);
      }
    }
    read_again();
  }

  void wait_to_read(io_wait what) {
    if (std::exchange(read_wait_, true))
      return;
    stream_.async_wait(what, [self = self()](const error_code& cancelled) {
      self->read_wait_ = false;
      if (cancelled)
        return;
      if (self->is_open())
        self->read();
      else if (self->leaving_)
        self->read_to_the_end();
    });
  }

  void send() override {
    if (write_wait_)
      return;
    std::array<iovec, most_pieces> pieces;
    for (;;) {
      const auto next = queue().front(pieces);
      if (next.empty())
        return all_sent();
      const auto step = stream_.write_some(next);
      sent(step.count);
      if (step.error)
        return fail(reason_of(step.error));
      if (step.wait != io_wait::nothing) {
        watch_output();
        return wait_to_send(step.wait);
      }
    }
  }

  void wait_to_send(io_wait what) {
    write_wait_ = true;
    stream_.async_wait(what, [self = self()](const error_code& cancelled) {
      self->write_wait_ = false;
      if (!cancelled)
        self->send();
    });
  }

  /// Closing a socket with unread bytes in it resets the connection, and the
  /// peer may lose what was sent last. So the peer gets the time to end first.
  void say_goodbye() override {
    stream_.end_writing();
    leaving_ = true;
    read_to_the_end();
  }

  void read_to_the_end() {
    if (stream_.discard())
      wait_to_read(io_wait::readable);
    else
      drop();
  }

  void free_stranger() override { stream_.no_stranger(); }
  void drop_socket() override { stream_.close(); }

  static std::string reason_of(const error_code& error) {
    return error == boost::asio::error::eof ? "closed by the peer"
                                            : error.message();
  }

  byte_stream stream_;
  bool read_wait_ = false;
  bool write_wait_ = false;
  bool leaving_ = false;
};

} // namespace

void open_stream_connection(io_loop& loop, byte_stream stream, peer_info peer,
                            connection_options_ptr options,
                            const session_factory& make_session) {
  std::make_shared<stream_connection>(loop, std::move(stream), std::move(peer),
                                      std::move(options))
    ->start(make_session);
}

} // namespace tidegate
