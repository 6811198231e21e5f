#include "messages/iothub/auth_method.hpp"

namespace tidegate {

std::string_view auth_method_text(auth_method how) {
  switch (how) {
  case auth_method::device_token:
    return R"({"scope":"device","type":"sas","issuer":"iothub",)"
           R"("acceptingIpFilterRule":null})";
  case auth_method::policy_token:
    return R"({"scope":"hub","type":"sas","issuer":"iothub",)"
           R"("acceptingIpFilterRule":null})";
  case auth_method::thumbprint:
    return R"({"scope":"device","type":"x509Certificate",)"
           R"("issuer":"external","acceptingIpFilterRule":null})";
  case auth_method::authority:
    return R"({"scope":"device","type":"x509CertificateAuthority",)"
           R"("issuer":"external","acceptingIpFilterRule":null})";
  case auth_method::untold:
    break;
  }
  return {};
}

void add_auth_method(message_head& to, auth_method how) {
  if (const auto text = auth_method_text(how); !text.empty())
    to.system.push_back({std::string{auth_method_property}, std::string{text}});
}

} // namespace tidegate
