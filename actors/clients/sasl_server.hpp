#pragma once

#include <optional>
#include <string>
#include <string_view>

struct pn_transport_t;

namespace tidegate {

/// The server's part of SASL: offers ANONYMOUS, MSSBCBS (the same under
/// another name) and PLAIN (edge-hub spec 2.1 and 2.2), and EXTERNAL to a
/// client that has shown a certificate; that one is judged when a link opens.
/// Proton as Debian builds it has no server side for the last two. Must outlive
/// the transport that it is installed in.
class sasl_server {
public:
  struct credentials {
    std::string user;
    std::string password;
  };

  sasl_server() = default;
  sasl_server(const sasl_server&) = delete;
  sasl_server& operator=(const sasl_server&) = delete;

  void install(pn_transport_t* transport, bool has_certificate);

  /// What a client using PLAIN has sent; once. It waits for `answer`.
  std::optional<credentials> take_credentials();

  /// Lets the client that used PLAIN in, or turns it away.
  void answer(bool welcome);

  // Called by the engine.
  void begin(std::string_view mechanism, std::string_view response);
  const char* mechanisms() const;

private:
  pn_transport_t* transport_ = nullptr;
  bool has_certificate_ = false;
  bool begun_ = false;
  std::optional<credentials> asked_;
};

} // namespace tidegate
