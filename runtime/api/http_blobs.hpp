#pragma once

#include "actors/deployment/blob_client.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/ip_network.hpp"
#include "runtime/net/tls_context.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// Where blobs may go: who asks for an upload names the address, and the node
/// reaches more than they do.
struct upload_rules {
  bool plain_http = false;
  std::vector<ip_network> networks; ///< besides public addresses
};

/// Puts blobs by HTTPS, or by HTTP where the rules allow it, at the parent or
/// at addresses that the rules allow. Follows no redirect.
class http_blobs : public blob_client {
public:
  /// Trusts whom the system trusts; for `parent_host` the parent's own
  /// certificates, if there is a parent.
  http_blobs(io_loop& loop, std::string parent_host,
             std::shared_ptr<tls_client> parent, upload_rules rules);

  void put(blob_request what, std::uint64_t ticket, caf::actor asker) override;

private:
  caf::expected<std::shared_ptr<tls_client>> trust_for(const std::string& host);

  io_loop& loop_;
  std::string parent_host_;
  std::shared_ptr<tls_client> parent_;
  upload_rules rules_;
};

} // namespace tidegate
