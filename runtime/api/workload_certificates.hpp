#pragma once

#include "runtime/api/workload_api.hpp"
#include "runtime/http/router.hpp"

namespace tidegate {

/// Answers with a new certificate for a module's own server, valid for
/// `commonName` and the module's name (edge-agent spec 6.2). `expiration` has
/// to be there and does not count: it lasts 90 days, or as long as the node's
/// authority.
void server_certificate(const workload_context& with,
                        const http::request& asked,
                        const http::path_parameters& path,
                        const http::responder& answer);

/// Answers with a new certificate that names the module as a client. It holds
/// `azureiot://<hub>/devices/<device>/modules/<module>` as a URI and, as IoT
/// Edge does it, as the text of a DNS name (edge-agent spec 6.2 and 15).
void identity_certificate(const workload_context& with,
                          const http::request& asked,
                          const http::path_parameters& path,
                          const http::responder& answer);

} // namespace tidegate
