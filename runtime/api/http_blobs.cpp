#include "runtime/api/http_blobs.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "runtime/http/client.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

constexpr auto put_timeout = std::chrono::minutes{5};
constexpr std::size_t longest_answer = 64UL << 10;

/// Where the request goes. Nothing, with a reason that does not tell the
/// signature, when the address is none.
std::optional<http::call> call_of(const blob_request& what,
                                  const upload_rules& rules,
                                  http::endpoint& server, bool& encrypted,
                                  std::string& why) {
  const auto url = boost::urls::parse_uri(what.url);
  if (!url || url->host().empty()
      || (url->scheme() != "https" && url->scheme() != "http")) {
    why = "the address for the upload is not https://host/container?signature";
    return std::nullopt;
  }
  encrypted = url->scheme() == "https";
  if (!encrypted && !rules.plain_http) {
    why = "the address for the upload is not https://..., and "
          "node.upload_plain_http is not set";
    return std::nullopt;
  }
  server.host = url->host_type() == boost::urls::host_type::ipv6
                  ? url->host_address()
                  : url->host();
  server.port = url->has_port()
                  ? url->port_number()
                  : static_cast<std::uint16_t>(encrypted ? 443 : 80);
  http::call made;
  made.method = "PUT";
  made.target = std::string{url->encoded_target()};
  made.headers.assign(what.headers.begin(), what.headers.end());
  made.body = std::string{what.body.view};
  made.content_type = "application/octet-stream";
  made.timeout = put_timeout;
  made.response_limit = longest_answer;
  return made;
}

} // namespace

http_blobs::http_blobs(io_loop& loop, std::string parent_host,
                       std::shared_ptr<tls_client> parent, upload_rules rules)
  : loop_{loop}, parent_host_{std::move(parent_host)},
    parent_{std::move(parent)}, rules_{std::move(rules)} {}

caf::expected<std::shared_ptr<tls_client>>
http_blobs::trust_for(const std::string& host) {
  if (parent_ && host == parent_host_)
    return parent_;
  return tls_client::open({});
}

void http_blobs::put(blob_request what, std::uint64_t ticket,
                     caf::actor asker) {
  http::endpoint server;
  bool encrypted = true;
  std::string why;
  auto call = call_of(what, rules_, server, encrypted, why);
  if (call && encrypted) {
    auto trusted = trust_for(server.host);
    if (trusted)
      server.tls = std::move(*trusted);
    else
      why = error_text(trusted.error());
  }
  if (!why.empty())
    return caf::anon_send(asker, blob_answered{ticket, 400, why});
  const auto host = server.host;
  // The parent is where the configuration says.
  if (!encrypted || !parent_ || host != parent_host_)
    server.allowed = [networks = rules_.networks](const auto& address) {
      return is_public(address)
             || std::ranges::any_of(networks, [&](const auto& one) {
                  return one.contains(address);
                });
    };
  // Connections may outlive all actors.
  const auto to = asker.address();
  http::fetch(loop_.context(), std::move(server), std::move(*call),
              [ticket, to, host](const http::result& answer) {
                blob_answered news{ticket, answer ? answer->status : 0, {}};
                // The error names the target, and with it the signature.
                if (!answer && answer.error() == ec::refused) {
                  news.status = 400;
                  news.problem = error_text(answer.error())
                                 + ": it is not public, and not in "
                                   "node.upload_networks";
                } else if (!answer)
                  news.problem = host + " cannot be reached";
                if (const auto whom = caf::actor_cast<caf::actor>(to))
                  caf::anon_send(whom, std::move(news));
              });
}

} // namespace tidegate
