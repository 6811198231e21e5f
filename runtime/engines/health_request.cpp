#include "runtime/engines/health_request.hpp"

#include "messages/error_text.hpp"
#include "runtime/http/client.hpp"

#include <boost/url/parse.hpp>

namespace tidegate {

void run_health_request(boost::asio::io_context& context,
                        const std::string& url,
                        std::chrono::milliseconds timeout,
                        std::function<void(std::string)> done) {
  constexpr std::uint16_t default_port = 80;
  constexpr std::size_t longest_page = 64 * 1024;
  const auto parts = boost::urls::parse_uri(url);
  if (!parts)
    return done("the health probe has no URL");
  http::endpoint server;
  server.host = parts->host_address();
  server.port = parts->has_port() ? parts->port_number() : default_port;
  http::call what;
  const std::string target{parts->encoded_target()};
  what.target = target.empty() ? "/" : target;
  what.timeout = timeout;
  what.response_limit = longest_page;
  http::fetch(
    context, server, what,
    [done = std::move(done)](const http::result& result) {
      constexpr unsigned first_bad = 400, first_good = 200;
      if (!result)
        return done("the health probe: " + error_text(result.error()));
      const auto status = result->status;
      done(status >= first_good && status < first_bad
             ? ""
             : "the health probe was answered with " + std::to_string(status));
    });
}

} // namespace tidegate
