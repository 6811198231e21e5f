#pragma once

#include "runtime/http/message.hpp"
#include "runtime/net/tls_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <caf/expected.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tidegate::http {

/// Where a server is.
struct endpoint {
  std::string unix_path; ///< not empty: a unix socket
  std::string host;
  std::uint16_t port = 443;
  std::shared_ptr<tls_client> tls; ///< null: plain
  /// As `connect_options::allowed`.
  std::function<bool(const boost::asio::ip::address&)> allowed;
};

/// What to ask it.
struct call {
  std::string method = "GET";
  std::string target = "/"; ///< path and query, percent-encoded
  std::string body;
  std::string content_type = "application/json"; ///< sent with a body only
  header_list headers;
  /// From the name look-up to the end of the answer.
  std::chrono::milliseconds timeout{30'000};
  std::size_t response_limit = 16UL * 1024 * 1024;
  /// Of an answer that is followed: silence for longer ends it with
  /// `ec::timed_out`; 0: never.
  std::chrono::milliseconds most_silence{0};
};

/// Any answer of the server, whatever its status, is a result. An error means
/// that there was none: `ec::unavailable`, `ec::timed_out`, `ec::refused`
/// (the address is not allowed) or `ec::io_failed`, with a text that names the
/// server and what failed.
using result = caf::expected<response>;

/// Asks and calls `done` once, on the thread that runs `context`. Every call
/// has a connection of its own.
void fetch(boost::asio::io_context& context, endpoint server, call what,
           std::function<void(result)> done);

/// Asks and waits. For commands and tests; never from an actor.
result fetch(const endpoint& server, const call& what);

/// Asks, waits and passes the body on as it comes, without limits of size or
/// time once the answer has begun, until it ends or `on_piece` returns false.
/// An answer with an error status comes back whole, as from `fetch`.
result follow(const endpoint& server, const call& what,
              std::function<bool(std::string_view)> on_piece);

/// The same without waiting; both functions are called on the thread that
/// runs `context`. The first piece is empty: the answer has begun.
void follow(boost::asio::io_context& context, endpoint server, call what,
            std::function<bool(std::string_view)> on_piece,
            std::function<void(result)> done);

} // namespace tidegate::http
