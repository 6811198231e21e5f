#include "runtime/net/listener.hpp"

#include "actors/log.hpp"
#include "runtime/net/listening_socket.hpp"
#include "runtime/net/socket_address.hpp"
#include "runtime/net/strangers.hpp"
#include "runtime/net/stream_connection.hpp"
#include "runtime/net/tls_handshake.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace tidegate {

namespace {

using boost::system::error_code;

/// After running out of files or memory, the next try comes this much later.
constexpr auto pause_after_failure = std::chrono::milliseconds{100};
/// A full listener says so once in this time, however many it turns away.
constexpr auto pause_of_complaints = std::chrono::seconds{10};
/// Memory that a connection takes with its session, and the more with TLS.
constexpr std::size_t cost = 8UL * 1024;
constexpr std::size_t cost_of_tls = 40UL * 1024;
/// Connections accepted before others have their turn.
constexpr int accepts_at_once = 32;

class open_listener final : public listener,
                            public std::enable_shared_from_this<open_listener> {
public:
  open_listener(io_loop& loop, listen_options options, int fd,
                stream_handler on_stream)
    : loop_{loop}, options_{std::move(options)}, port_{port_of(
                                                   local_address(fd))},
      door_{loop.context(), fd}, timer_{loop.context()},
      on_stream_{std::move(on_stream)}, count_{std::make_shared<std::size_t>(
                                          0)},
      strangers_{std::make_shared<strangers>(std::max<std::size_t>(
        options_.connection_limit / options_.strangers_share, 1))} {}

  std::uint16_t port() const override { return port_; }

  void stop() override {
    if (stopped_.exchange(true))
      return;
    if (!options_.unix_path.empty())
      ::unlink(options_.unix_path.c_str());
    boost::asio::post(loop_.context(), [self = shared_from_this()] {
      error_code ignored;
      self->door_.close(ignored);
      self->timer_.cancel();
    });
  }

  void wait() {
    door_.async_wait(byte_stream::descriptor::wait_read,
                     [self = shared_from_this()](const error_code& cancelled) {
                       if (!cancelled)
                         self->accept_some();
                     });
  }

private:
  void accept_some() {
    for (int i = 0; i < accepts_at_once; ++i) {
      const auto fd = ::accept4(door_.native_handle(), nullptr, nullptr,
                                SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0)
        take(fd);
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
               || errno == ENOMEM)
        return pause(errno);
      else if (errno != ECONNABORTED && errno != EINTR)
        break;
    }
    wait();
  }

  void pause(int error) {
    log::warning("net", "no connection can be accepted",
                 {{"listener", options_.name}, {"why", std::strerror(error)}});
    timer_.expires_after(pause_after_failure);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->accept_some();
    });
  }

  void take(int fd) {
    const auto address = remote_address(fd);
    const auto owner = owner_of(address);
    const bool full = *count_ >= options_.connection_limit;
    if (full || strangers_->crowded(owner)) {
      ::close(fd);
      return turn_away(full ? "full" : "address", text_of(address));
    }
    const auto account
      = options_.memory ? options_.memory->open(owner) : nullptr;
    if (account && !account->charge(options_.tls ? cost + cost_of_tls : cost)) {
      ::close(fd);
      return turn_away("memory", text_of(address));
    }
    auto session = options_.tls ? options_.tls->make_session() : nullptr;
    byte_stream stream{loop_.context(), fd, std::move(session)};
    if (options_.tls && !stream.encrypted())
      return; // out of memory, and never without TLS
    set_stream_options(fd, address.family());
    stream.hold(place());
    stream.hold_as_stranger(strangers::admit(strangers_, owner));
    stream.hold_account(account);
    tls_handshake(std::move(stream), options_.handshake_timeout,
                  [self = shared_from_this(), from = text_of(address)](
                    byte_stream ready, const std::string& why) {
                    self->pass_on(std::move(ready), from, why);
                  });
  }

  void count(const char* reason) {
    if (options_.meters)
      options_.meters
        ->counter("tidegate_connections_refused_total",
                  "Connections closed before they had a session.",
                  {{"listener", options_.name}, {"reason", reason}})
        .Increment();
  }

  void turn_away(const char* reason, const std::string& peer) {
    count(reason);
    ++turned_away_;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_complaint_)
      return;
    next_complaint_ = now + pause_of_complaints;
    log::warning("net",
                 "connections refused: the listener is full, or takes no more "
                 "strangers from an address",
                 {{"listener", options_.name},
                  {"reason", reason},
                  {"peer", peer},
                  {"connections", std::to_string(*count_)},
                  {"refused", std::to_string(std::exchange(turned_away_, 0))}});
  }

  /// Counts one connection for as long as it lives.
  std::shared_ptr<void> place() {
    ++*count_;
    return {count_.get(), [count = count_](void*) { --*count; }};
  }

  void pass_on(byte_stream stream, const std::string& from,
               const std::string& why) {
    if (!why.empty()) {
      count("handshake");
      return log::info(
        "net", "connection given up",
        {{"listener", options_.name}, {"peer", from}, {"why", why}});
    }
    peer_info peer{from, options_.name, stream.encrypted(),
                   peer_certificate(stream)};
    on_stream_(std::move(stream), std::move(peer));
  }

  io_loop& loop_;
  const listen_options options_;
  const std::uint16_t port_;
  byte_stream::descriptor door_;
  boost::asio::steady_timer timer_;
  stream_handler on_stream_;
  std::shared_ptr<std::size_t> count_;
  std::shared_ptr<strangers> strangers_;
  std::size_t turned_away_ = 0; ///< since that was last told
  std::chrono::steady_clock::time_point next_complaint_{};
  std::atomic<bool> stopped_ = false;
};

} // namespace

caf::expected<listener_ptr> listen(io_loop& loop, listen_options options,
                                   stream_handler on_stream) {
  const auto fd = open_listening_socket(options);
  if (!fd)
    return fd.error();
  auto opened = std::make_shared<open_listener>(loop, std::move(options), *fd,
                                                std::move(on_stream));
  boost::asio::post(loop.context(), [opened] { opened->wait(); });
  return listener_ptr{opened};
}

caf::expected<listener_ptr> listen(io_loop& loop, listen_options options,
                                   connection_options connections,
                                   session_factory make_session) {
  return listen(loop, std::move(options),
                [&loop,
                 shared = std::make_shared<const connection_options>(
                   std::move(connections)),
                 make_session = std::move(make_session)](byte_stream stream,
                                                         peer_info peer) {
                  open_stream_connection(loop, std::move(stream),
                                         std::move(peer), shared, make_session);
                });
}

} // namespace tidegate
