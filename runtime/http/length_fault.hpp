#pragma once

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <optional>

namespace tidegate::http {

/// What a request is refused with: a status and a sentence.
struct request_fault {
  unsigned status;
  const char* why;
};

/// Where the body of a request ends has to be beyond doubt: two readers who
/// disagree take what follows for different requests (RFC 9112, 6.1 and 6.3).
/// Beast takes a coding that it does not know for no body at all. `head` is a
/// message of Beast's.
template <class Head>
std::optional<request_fault> length_fault(const Head& head) {
  using boost::beast::http::field;
  const auto count = head.count(field::transfer_encoding);
  if (count == 0)
    return std::nullopt;
  if (count > 1
      || !boost::beast::iequals(head[field::transfer_encoding], "chunked"))
    return request_fault{501, "the only transfer coding is chunked"};
  if (head.count(field::content_length) > 0 || head.version() < 11)
    return request_fault{400, "the length of the body is not clear"};
  return std::nullopt;
}

} // namespace tidegate::http
