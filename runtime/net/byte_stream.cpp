#include "runtime/net/byte_stream.hpp"

#include "runtime/net/socket_bio.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>

namespace tidegate {

namespace {

using boost::system::error_code;

constexpr std::size_t tls_record = 16UL * 1024;

error_code last_error() { return {errno, boost::system::system_category()}; }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// Small pieces go into one TLS record together. The pieces are gathered the
/// same way again when OpenSSL wants the write repeated.
std::string_view gather(std::span<const iovec> from) {
  thread_local std::array<char, tls_record> record;
  const auto& first = from.front();
  if (from.size() == 1 || first.iov_len >= tls_record)
    return {static_cast<const char*>(first.iov_base), first.iov_len};
  std::size_t used = 0;
  for (const auto& piece : from) {
    const auto part = std::min(piece.iov_len, tls_record - used);
    std::memcpy(record.data() + used, piece.iov_base, part);
    used += part;
  }
  return {record.data(), used};
}

} // namespace

byte_stream::byte_stream(boost::asio::io_context& context, int fd, ssl_ptr tls)
  : descriptor_{context, fd}, tls_{std::move(tls)} {
  if (tls_) {
    auto* bio = make_socket_bio(fd).release();
    SSL_set_bio(tls_.get(), bio, bio);
  }
}

io_step byte_stream::after_tls(int result, std::size_t count) {
  switch (SSL_get_error(tls_.get(), result)) {
  case SSL_ERROR_WANT_READ:
    return {count, io_wait::readable, {}};
  case SSL_ERROR_WANT_WRITE:
    return {count, io_wait::writable, {}};
  case SSL_ERROR_ZERO_RETURN:
    return {count, {}, boost::asio::error::eof};
  case SSL_ERROR_SYSCALL:
    return {count, {}, errno != 0 ? last_error() : boost::asio::error::eof};
  default: {
    const auto code = ERR_get_error();
    ERR_clear_error();
    return {count,
            {},
            error_code{static_cast<int>(code),
                       boost::asio::error::get_ssl_category()}};
  }
  }
}

io_step byte_stream::handshake() {
  if (!tls_)
    return {};
  ERR_clear_error();
  const auto result = SSL_do_handshake(tls_.get());
  return result == 1 ? io_step{} : after_tls(result, 0);
}

io_step byte_stream::read_some(std::span<char> to) {
  if (!tls_) {
    const auto got = ::recv(fd(), to.data(), to.size(), 0);
    if (got < 0)
      return would_block() ? io_step{0, io_wait::readable, {}}
                           : io_step{0, {}, last_error()};
    if (got == 0)
      return {0, {}, boost::asio::error::eof};
    const auto count = static_cast<std::size_t>(got);
    return {
      count, count < to.size() ? io_wait::readable : io_wait::nothing, {}};
  }
  std::size_t count = 0;
  while (count < to.size()) {
    std::size_t got = 0;
    ERR_clear_error();
    const auto result
      = SSL_read_ex(tls_.get(), to.data() + count, to.size() - count, &got);
    if (result != 1)
      return after_tls(result, count);
    count += got;
  }
  return {count, io_wait::nothing, {}};
}

io_step byte_stream::write_some(std::span<const iovec> from) {
  if (!tls_) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(from.data());
    message.msg_iovlen = from.size();
    const auto sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent < 0)
      return would_block() ? io_step{0, io_wait::writable, {}}
                           : io_step{0, {}, last_error()};
    return {static_cast<std::size_t>(sent), io_wait::nothing, {}};
  }
  const auto text = gather(from);
  std::size_t sent = 0;
  ERR_clear_error();
  const auto result = SSL_write_ex(tls_.get(), text.data(), text.size(), &sent);
  return result == 1 ? io_step{sent, io_wait::nothing, {}}
                     : after_tls(result, 0);
}

void byte_stream::acknowledge_now() {
  constexpr int on = 1;
  ::setsockopt(fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void byte_stream::end_writing() {
  if (tls_ && SSL_is_init_finished(tls_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
    ERR_clear_error();
  }
  ::shutdown(fd(), SHUT_WR);
}

bool byte_stream::discard() {
  std::array<char, tls_record> ignored;
  const auto got = ::recv(fd(), ignored.data(), ignored.size(), 0);
  return got > 0 || (got < 0 && would_block());
}

void byte_stream::cancel() {
  error_code ignored;
  descriptor_.cancel(ignored);
}

void byte_stream::close() {
  error_code ignored;
  descriptor_.close(ignored);
  lease_.reset();
  no_stranger();
}

void byte_stream::no_stranger() {
  stranger_.reset();
  if (account_)
    account_->settle();
}

std::string peer_certificate(byte_stream& stream) {
  if (!stream.encrypted())
    return {};
  const bio_ptr memory{BIO_new(BIO_s_mem())};
  if (const x509_ptr leaf{SSL_get1_peer_certificate(stream.tls())})
    PEM_write_bio_X509(memory.get(), leaf.get());
  const auto* chain = SSL_get_peer_cert_chain(stream.tls());
  // On the client's side OpenSSL's chain starts with the leaf.
  for (auto i = SSL_is_server(stream.tls()) == 1 ? 0 : 1;
       i < sk_X509_num(chain); ++i)
    PEM_write_bio_X509(memory.get(), sk_X509_value(chain, i));
  return text_of(memory.get());
}

} // namespace tidegate
