#pragma once

#include <string>

namespace tidegate {

/// A certificate that a client showed to a proxy, which ended its TLS and says
/// so in the client's stead (edge-hub spec 3.5). Worth nothing unless the
/// proxy's token is good.
struct vouched_certificate {
  std::string pem;   ///< leaf first; empty: none
  std::string token; ///< of the proxy, `SharedAccessSignature ...`
};

} // namespace tidegate
