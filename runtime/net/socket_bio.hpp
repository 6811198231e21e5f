#pragma once

#include "runtime/net/openssl.hpp"

namespace tidegate {

/// Lets OpenSSL read and write the non-blocking socket `fd`, which stays the
/// caller's. Unlike OpenSSL's own socket BIO it never raises SIGPIPE.
bio_ptr make_socket_bio(int fd);

} // namespace tidegate
