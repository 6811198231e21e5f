#include "actors/clients/sasl_server.hpp"

#include <proton/sasl.h>
#include <proton/sasl_plugin.h>
#include <proton/transport.h>

#include <utility>

namespace tidegate {

namespace {

/// Called through C code, which nothing may be thrown through. A field that
/// is absent, or of another type than it should be, is null.
void on_init(pn_transport_t* transport, const char* mechanism,
             const pn_bytes_t* response) noexcept {
  static_cast<sasl_server*>(pnx_sasl_get_context(transport))
    ->begin(mechanism ? mechanism : "",
            response && response->start
              ? std::string_view{response->start, response->size}
              : std::string_view{});
}

const pnx_sasl_implementation implementation{
  .free = [](pn_transport_t*) {},
  .list_mechanisms =
    [](pn_transport_t* transport) {
      return static_cast<sasl_server*>(pnx_sasl_get_context(transport))
        ->mechanisms();
    },
  .init_server =
    [](pn_transport_t* transport) {
      pnx_sasl_set_desired_state(transport, SASL_POSTED_MECHANISMS);
      return true;
    },
  .init_client = [](pn_transport_t*) { return false; },
  .prepare_write = [](pn_transport_t*) {},
  .process_init = on_init,
  .process_response = [](pn_transport_t*, const pn_bytes_t*) {},
  .process_mechanisms = [](pn_transport_t*, const char*) { return false; },
  .process_challenge = [](pn_transport_t*, const pn_bytes_t*) {},
  .process_outcome = [](pn_transport_t*, const pn_bytes_t*) {},
  .can_encrypt = [](pn_transport_t*) { return false; },
  .max_encrypt_size = [](pn_transport_t*) -> ssize_t { return 0; },
  .encode
  = [](pn_transport_t*, pn_bytes_t, pn_bytes_t*) -> ssize_t { return 0; },
  .decode
  = [](pn_transport_t*, pn_bytes_t, pn_bytes_t*) -> ssize_t { return 0; },
};

/// `authorization NUL user NUL password` (RFC 4616).
std::optional<sasl_server::credentials> parse_plain(std::string_view response) {
  const auto first = response.find('\0');
  const auto second
    = first == response.npos ? first : response.find('\0', first + 1);
  if (second == response.npos)
    return std::nullopt;
  return sasl_server::credentials{
    std::string{response.substr(first + 1, second - first - 1)},
    std::string{response.substr(second + 1)}};
}

} // namespace

const char* sasl_server::mechanisms() const {
  return has_certificate_ ? "EXTERNAL ANONYMOUS MSSBCBS PLAIN"
                          : "ANONYMOUS MSSBCBS PLAIN";
}

void sasl_server::install(pn_transport_t* transport, bool has_certificate) {
  has_certificate_ = has_certificate;
  transport_ = transport;
  pn_sasl(transport);
  pnx_sasl_set_implementation(transport, &implementation, this);
}

void sasl_server::begin(std::string_view mechanism, std::string_view response) {
  if (mechanism == "ANONYMOUS" || mechanism == "MSSBCBS"
      || (mechanism == "EXTERNAL" && has_certificate_))
    return answer(true);
  if (mechanism == "PLAIN")
    asked_ = parse_plain(response);
  if (!asked_)
    answer(false);
}

std::optional<sasl_server::credentials> sasl_server::take_credentials() {
  return std::exchange(asked_, std::nullopt);
}

void sasl_server::answer(bool welcome) {
  if (welcome)
    pnx_sasl_set_succeeded(transport_, "client", "client");
  else
    pnx_sasl_set_failed(transport_);
  pnx_sasl_set_desired_state(transport_, SASL_POSTED_OUTCOME);
}

} // namespace tidegate
