#include "runtime/http/length_fault.hpp"
#include "runtime/http/message.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <cstdlib>

using namespace tidegate;
namespace wire = boost::beast::http;

namespace {

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// A body has one end, which its headers tell: chunks, a length, or none.
void check_length(const wire::request_parser<wire::string_body>& parser) {
  const auto& head = parser.get();
  if (http::length_fault(head))
    return;
  const auto codings = head.count(wire::field::transfer_encoding);
  require(parser.chunked() == (codings == 1));
  require(!(parser.chunked() && parser.content_length()));
}

void visit(wire::request<wire::string_body> message) {
  http::request asked;
  asked.method = message.method_string();
  for (const auto& field : message)
    asked.headers.emplace_back(field.name_string(), field.value());
  asked.body = std::move(message.body());
  if (!http::parse_target(message.target(), asked))
    return;
  require(!asked.path.empty());
  if (const auto decoded = http::percent_decode(asked.path))
    require(decoded->size() <= asked.path.size());
  for (const auto& [name, value] : asked.query)
    require(asked.query_value(name).has_value());
  for (const auto& [name, value] : asked.headers)
    require(http::find_header(asked.headers, name).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  wire::request_parser<wire::string_body> parser;
  parser.header_limit(16'384);
  parser.body_limit(1 << 20);
  boost::system::error_code failed;
  std::size_t used = 0;
  bool judged = false;
  while (used < size && !failed && !parser.is_done()) {
    const auto taken
      = parser.put(boost::asio::const_buffer{data + used, size - used}, failed);
    if (parser.is_header_done() && !std::exchange(judged, true))
      check_length(parser);
    if (taken == 0)
      break;
    used += taken;
  }
  if (!failed && parser.is_done() && !http::length_fault(parser.get()))
    visit(parser.release());
  return 0;
}
