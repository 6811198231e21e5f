#pragma once

#include "runtime/net/openssl.hpp"
#include "runtime/net/stranger_memory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

namespace tidegate {

/// What has to happen before more bytes can move.
enum class io_wait { nothing, readable, writable };

/// The result of one step on a non-blocking stream. `count` bytes moved; then
/// either `wait` or `error` says why no more did. `boost::asio::error::eof`
/// is the orderly end of what the peer sends.
struct io_step {
  std::size_t count = 0;
  io_wait wait = io_wait::nothing;
  boost::system::error_code error;
};

/// A connected socket, TCP or unix, with TLS on it or not: non-blocking reads
/// and writes, and a way to wait. No buffers of its own, so that an idle
/// connection costs nothing but the TLS state. One thread at a time.
class byte_stream {
public:
  using executor_type = boost::asio::io_context::executor_type;
  using descriptor = boost::asio::posix::basic_stream_descriptor<executor_type>;

  /// Owns `fd`, which must be non-blocking, and `tls` (null: none).
  byte_stream(boost::asio::io_context& context, int fd, ssl_ptr tls);

  executor_type get_executor() noexcept { return descriptor_.get_executor(); }
  bool is_open() const { return descriptor_.is_open(); }
  bool encrypted() const { return tls_ != nullptr; }
  int fd() { return descriptor_.native_handle(); }
  SSL* tls() { return tls_.get(); }

  /// Goes on with the TLS handshake. Done when neither `wait` nor `error` is
  /// set. Without TLS it is done at once.
  io_step handshake();
  io_step read_some(std::span<char> to);
  io_step write_some(std::span<const iovec> from);

  /// Whether bytes have arrived that the socket no longer shows as readable:
  /// TLS took them in with others before.
  bool has_pending() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }

  /// Calls `then(error_code)` on the loop's thread, once.
  template <class Handler>
  void async_wait(io_wait what, Handler&& then) {
    descriptor_.async_wait(what == io_wait::writable ? descriptor::wait_write
                                                     : descriptor::wait_read,
                           std::forward<Handler>(then));
  }

  /// Has the system acknowledge what has arrived at once, not together with
  /// the next answer, up to 40 ms later. No effect on a unix socket.
  void acknowledge_now();

  /// Tells the peer that nothing more is sent; reading goes on.
  void end_writing();

  /// Throws away what has arrived, undecrypted. False: the peer has ended.
  bool discard();

  /// Ends all waits with `operation_aborted`.
  void cancel();

  /// Drops the connection now. Waits end with `operation_aborted`.
  void close();

  /// Freed with the stream, or when it is closed: a place under a limit.
  void hold(std::shared_ptr<void> lease) { lease_ = std::move(lease); }

  /// The same, but freed as soon as it is `no_stranger` any more.
  void hold_as_stranger(std::shared_ptr<void> lease) {
    stranger_ = std::move(lease);
  }
  void no_stranger();

  /// What it costs while it is a stranger; null: that does not count.
  void hold_account(stranger_memory::account_ptr account) {
    account_ = std::move(account);
  }
  const stranger_memory::account_ptr& account() const { return account_; }

private:
  io_step after_tls(int result, std::size_t count);

  descriptor descriptor_;
  ssl_ptr tls_;
  std::shared_ptr<void> lease_;
  std::shared_ptr<void> stranger_;
  stranger_memory::account_ptr account_;
};

/// The certificates the peer showed in its TLS handshake, PEM, leaf first;
/// empty without any.
std::string peer_certificate(byte_stream& stream);

} // namespace tidegate
