#pragma once

#include "runtime/net/async_stream.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace tidegate {

// Include this only where Beast is used already.

using upgrade_request
  = boost::beast::http::request<boost::beast::http::string_body>;

/// The sub-protocols a client offers, in its order.
std::vector<std::string> offered_protocols(const upgrade_request& asked);

/// Answers an upgrade request with `protocol`, then opens a connection whose
/// bytes travel in binary messages, and makes its session. No pings are ever
/// sent (edge-hub spec 1.1). On the loop's thread.
void accept_websocket(io_loop& loop, async_stream stream, peer_info peer,
                      upgrade_request asked, const std::string& protocol,
                      connection_options_ptr options,
                      session_factory make_session);

} // namespace tidegate
