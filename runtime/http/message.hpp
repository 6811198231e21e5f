#pragma once

#include "actors/clients/transport.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace tidegate::http {

/// The process at the other end of a unix socket, when it connected.
struct peer_process {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first value of `name` (case does not matter), or nothing.
std::optional<std::string_view> find_header(const header_list& headers,
                                            std::string_view name);

/// A request as a handler sees it.
struct request {
  std::string method; ///< `GET`, `POST`, ...
  std::string path;   ///< percent-encoded, without the query
  /// The query's names and values, decoded, in order.
  std::vector<std::pair<std::string, std::string>> query;
  header_list headers;
  std::string body;
  peer_info peer;
  std::optional<peer_process> process; ///< on a unix socket

  /// The first value of `name` in the query; empty text for a bare name.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

struct response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  header_list headers; ///< besides length and type
};

/// `{"message": "..."}` with `status`: how every error is told.
response error_response(unsigned status, std::string_view message);

/// Splits a request target into path and query; false when it is none.
bool parse_target(std::string_view target, request& into);

/// Decodes `%41`; nothing when an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);

} // namespace tidegate::http
