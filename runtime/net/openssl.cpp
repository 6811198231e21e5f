#include "runtime/net/openssl.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

namespace tidegate {

std::string take_openssl_error(std::string fallback) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0)
    return fallback;
  const auto* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fallback;
}

std::string text_of(BIO* memory) {
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

} // namespace tidegate
