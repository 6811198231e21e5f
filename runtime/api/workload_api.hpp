#pragma once

#include "messages/identity_id.hpp"
#include "runtime/http/responder.hpp"
#include "runtime/net/certificates.hpp"
#include "storage/seal.hpp"

#include <caf/expected.hpp>
#include <functional>
#include <string>
#include <sys/types.h>

namespace tidegate {

/// What the workload calls of one module rest on. All of it is called on the
/// loop's thread and must return at once.
struct workload_context {
  /// The module's identity; its name stands in paths.
  identity_id own;
  std::string hub_host;
  /// HMAC-SHA256 of `data` with the module's key; 32 bytes.
  std::function<caf::expected<std::string>(std::string_view data)> sign;
  /// Seals what modules have encrypted.
  seal_ptr secrets;
  /// The certificates that modules trust, PEM; empty when there are none.
  std::function<std::string()> trust_bundle;
  /// Issues a certificate by the node's authority.
  std::function<caf::expected<key_pair>(const certificate_request&)> issue;
  /// Answers with the list of all modules.
  std::function<void(const http::responder&)> list;
  /// Whether a process belongs to the module.
  std::function<bool(pid_t)> is_own_process;
};

/// The workload API of one module, for its own socket (edge-agent spec 6 and
/// 6.2). Whoever is not a process of the module gets 403 for what needs its
/// identity.
///
/// What is encrypted carries a nonce of its own: the module's initialization
/// vector, its name and its generation must be the same to decrypt it, but a
/// vector that is used twice gives nothing away. Keys of certificates are of
/// the curve P-256, so that making one holds up nobody.
http::handler workload_api(workload_context context);

} // namespace tidegate
