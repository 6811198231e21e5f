#include "runtime/node/shown_certificate.hpp"

namespace tidegate {

caf::expected<shown_certificate> shown_by(const config& from,
                                          std::vector<std::string> hosts) {
  const auto& tls = from.tls;
  shown_certificate shown{tls.certificate, tls.key, std::nullopt};
  const auto& at = from.listeners;
  if (!tls.certificate.empty() || (!at.mqtts && !at.amqps && !at.https))
    return shown;
  shown.own.emplace(own_certificate::settings{
    from.node.data / "certificates", tls.issuer_certificate, tls.issuer_key,
    std::move(hosts)});
  const auto kept = shown.own->keep(this_second());
  if (!kept)
    return kept.error();
  shown.certificate = shown.own->certificate();
  shown.key = shown.own->key();
  return shown;
}

} // namespace tidegate
