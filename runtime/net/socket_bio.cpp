#include "runtime/net/socket_bio.hpp"

#include <cerrno>
#include <cstdint>
#include <openssl/bio.h>
#include <sys/socket.h>

namespace tidegate {

namespace {

int fd_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool worth_a_retry() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int write_socket(BIO* bio, const char* from, std::size_t size,
                 std::size_t* done) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(fd_of(bio), from, size, MSG_NOSIGNAL);
  if (sent < 0) {
    if (worth_a_retry())
      BIO_set_retry_write(bio);
    return 0;
  }
  *done = static_cast<std::size_t>(sent);
  return 1;
}

int read_socket(BIO* bio, char* to, std::size_t size, std::size_t* done) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(fd_of(bio), to, size, 0);
  if (got > 0) {
    *done = static_cast<std::size_t>(got);
    return 1;
  }
  if (got == 0)
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  else if (worth_a_retry())
    BIO_set_retry_read(bio);
  return 0;
}

long control_socket(BIO* bio, int command, long, void*) {
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_EOF:
    return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  default:
    return 0;
  }
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                              "tidegate socket");
    BIO_meth_set_write_ex(made, write_socket);
    BIO_meth_set_read_ex(made, read_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return made;
  }();
  return method;
}

} // namespace

bio_ptr make_socket_bio(int fd) {
  bio_ptr bio{BIO_new(socket_method())};
  const auto number = static_cast<std::intptr_t>(fd);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a BIO carries a pointer only
  BIO_set_data(bio.get(), reinterpret_cast<void*>(number));
  BIO_set_init(bio.get(), 1);
  return bio;
}

} // namespace tidegate
