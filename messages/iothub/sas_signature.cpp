#include "messages/iothub/sas_signature.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/iothub/percent.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tidegate {

std::string hmac_sha256(std::string_view key, std::string_view data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest,
       &size);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string sas_resource(std::string_view host, const identity_id& id) {
  std::string plain{host};
  plain.append("/devices/");
  percent_encode(plain, id.device);
  if (id.is_module()) {
    plain.append("/modules/");
    percent_encode(plain, id.module);
  }
  return percent_encode(plain);
}

std::string string_to_sign(std::string_view resource, std::string_view expiry) {
  std::string text{resource};
  return text.append("\n").append(expiry);
}

std::string format_sas_token(std::string_view resource,
                             std::string_view signature,
                             std::string_view expiry) {
  std::string text{"SharedAccessSignature sr="};
  text.append(resource).append("&sig=");
  percent_encode(text, signature);
  return text.append("&se=").append(expiry);
}

std::optional<std::string> mint_sas_token(std::string_view host,
                                          const identity_id& id,
                                          std::string_view key,
                                          std::chrono::sys_seconds expires) {
  const auto key_bytes = base64_decode(key);
  if (!key_bytes || key_bytes->empty())
    return std::nullopt;
  const auto resource = sas_resource(host, id);
  const auto expiry = std::to_string(expires.time_since_epoch().count());
  const auto signature
    = hmac_sha256(*key_bytes, string_to_sign(resource, expiry));
  return format_sas_token(resource, base64_encode(signature), expiry);
}

} // namespace tidegate
