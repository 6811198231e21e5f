#include "messages/deployment/registry_auth.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/message_head.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::deployment {

std::optional<std::string> registry_domain(std::string_view image) {
  if (const auto scheme = image.find("://"); scheme != std::string_view::npos) {
    image.remove_prefix(scheme + 3);
    return std::string{image.substr(0, image.find('/'))};
  }
  const auto slash = image.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto first = image.substr(0, slash);
  return first.find_first_of(".:") != std::string_view::npos
           ? std::string{first}
           : "https://index.docker.io/v1/";
}

const registry_credential*
credential_for(std::string_view image,
               const std::vector<registry_credential>& known) {
  const auto domain = registry_domain(image);
  if (!domain)
    return nullptr;
  const auto found
    = std::find_if(known.begin(), known.end(), [&](const auto& one) {
        return equal_without_case(one.address, *domain);
      });
  return found == known.end() ? nullptr : &*found;
}

std::string registry_auth(const registry_credential& credential) {
  const boost::json::object fields{{"username", credential.user},
                                   {"password", credential.password},
                                   {"serveraddress", credential.address}};
  auto text = base64_encode(boost::json::serialize(fields));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

} // namespace tidegate::deployment
