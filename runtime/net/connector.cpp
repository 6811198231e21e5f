#include "runtime/net/connector.hpp"

#include "messages/ec.hpp"
#include "runtime/net/listening_socket.hpp"
#include "runtime/net/socket_address.hpp"
#include "runtime/net/stream_connection.hpp"
#include "runtime/net/tls_handshake.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unistd.h>
#include <vector>

namespace tidegate {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class attempt : public std::enable_shared_from_this<attempt> {
public:
  attempt(boost::asio::io_context& context, connect_options options,
          std::function<void(caf::expected<byte_stream>)> done)
    : context_{context}, options_{std::move(options)}, resolver_{context},
      timer_{context}, done_{std::move(done)} {}

  void start() {
    deadline_ = std::chrono::steady_clock::now() + options_.timeout;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->fail(ec::timed_out, "no answer in time");
    });
    if (options_.unix_path.empty())
      return resolve();
    auto address = unix_address(options_.unix_path);
    if (!address)
      return fail(ec::unavailable, "the path is too long");
    addresses_.push_back(*address);
    try_next();
  }

private:
  void resolve() {
    resolver_.async_resolve(
      options_.host, std::to_string(options_.port),
      [self = shared_from_this()](const error_code& failed,
                                  const tcp::resolver::results_type& found) {
        if (!self->done_)
          return;
        if (failed)
          return self->fail(ec::unavailable, failed.message());
        for (const auto& entry : found) {
          const auto endpoint = entry.endpoint();
          if (self->options_.allowed
              && !self->options_.allowed(endpoint.address())) {
            self->why_ = "the address " + endpoint.address().to_string()
                         + " may not be "
                           "connected to";
            self->forbidden_ = true;
            continue;
          }
          socket_address address;
          address.size = static_cast<socklen_t>(endpoint.size());
          std::memcpy(address.data(), endpoint.data(), endpoint.size());
          self->addresses_.push_back(address);
        }
        self->try_next();
      });
  }

  void try_next() {
    if (next_ == addresses_.size())
      return fail(
        forbidden_ && addresses_.empty() ? ec::refused : ec::unavailable, why_);
    const auto& address = addresses_[next_++];
    const auto fd = ::socket(address.family(),
                             SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
      return try_next_after(errno);
    set_stream_options(fd, address.family());
    auto session
      = options_.tls ? options_.tls->make_session(options_.host) : nullptr;
    stream_.emplace(context_, fd, std::move(session));
    if (options_.tls && !stream_->encrypted())
      return fail(ec::unavailable, "no TLS session can be made");
    if (::connect(fd, address.data(), address.size) == 0)
      return shake_hands();
    if (errno != EINPROGRESS)
      return try_next_after(errno);
    stream_->async_wait(io_wait::writable, [self = shared_from_this()](
                                             const error_code& cancelled) {
      if (!cancelled && self->done_)
        self->connected();
    });
  }

  void connected() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(stream_->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return try_next_after(error);
    shake_hands();
  }

  void try_next_after(int error) {
    why_ = std::strerror(error);
    try_next();
  }

  void shake_hands() {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_ - std::chrono::steady_clock::now());
    tls_handshake(
      std::move(*std::exchange(stream_, std::nullopt)), left,
      [self = shared_from_this()](byte_stream ready, const std::string& why) {
        if (!why.empty())
          return self->fail(ec::unavailable, why);
        self->finish(std::move(ready));
      });
  }

  void fail(ec code, const std::string& why) {
    if (!done_)
      return;
    const auto where = options_.unix_path.empty()
                         ? options_.host + ':' + std::to_string(options_.port)
                         : options_.unix_path;
    finish(caf::make_error(code, "can not connect to " + where + ": " + why));
  }

  void finish(caf::expected<byte_stream> result) {
    timer_.cancel();
    resolver_.cancel();
    if (stream_)
      stream_->close();
    if (done_)
      std::exchange(done_, nullptr)(std::move(result));
  }

  boost::asio::io_context& context_;
  const connect_options options_;
  std::chrono::steady_clock::time_point deadline_;
  tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  std::vector<socket_address> addresses_;
  std::size_t next_ = 0;
  bool forbidden_ = false; ///< an address was not allowed
  std::string why_ = "the name has no address";
  std::optional<byte_stream> stream_;
  std::function<void(caf::expected<byte_stream>)> done_;
};

} // namespace

void connect(boost::asio::io_context& context, connect_options options,
             std::function<void(caf::expected<byte_stream>)> done) {
  auto started
    = std::make_shared<attempt>(context, std::move(options), std::move(done));
  boost::asio::post(context, [started] { started->start(); });
}

void connect(io_loop& loop, connect_options options,
             connection_options connection, session_factory make_session,
             std::function<void(caf::error)> on_failure,
             std::optional<websocket_target> upgrade) {
  const auto name = options.name;
  connect(
    loop.context(), std::move(options),
    [&loop, name,
     shared = std::make_shared<const connection_options>(std::move(connection)),
     make_session = std::move(make_session), on_failure = std::move(on_failure),
     upgrade = std::move(upgrade)](caf::expected<byte_stream> stream) {
      if (!stream)
        return on_failure(stream.error());
      peer_info peer{text_of(remote_address(stream->fd())), name,
                     stream->encrypted(), peer_certificate(*stream)};
      if (upgrade)
        connect_websocket(loop, std::move(*stream), std::move(peer), *upgrade,
                          shared, make_session, on_failure);
      else
        open_stream_connection(loop, std::move(*stream), std::move(peer),
                               shared, make_session);
    });
}

} // namespace tidegate
