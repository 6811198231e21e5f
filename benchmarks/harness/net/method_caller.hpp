#pragma once

#include "benchmarks/harness/net/client.hpp"

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

namespace tidegate::harness {

/// Each of its messages calls a method over HTTPS, as the module that its
/// client id names, and is acknowledged by the answer (edge-hub spec 8). One
/// call at a time; `client_spec::output` is the path.
class method_caller final : public client,
                            public std::enable_shared_from_this<method_caller> {
public:
  method_caller(const stream_factory& streams, client_spec spec,
                client_listener& listener);

  void open() override;
  bool publish(std::uint64_t number, const stamp& what) override;
  void acknowledge() override {}
  void flush() override;
  void close() override;

private:
  using parser
    = boost::beast::http::response_parser<boost::beast::http::string_body>;

  void read();
  void read_done(std::size_t count);
  void fail(std::string_view why);

  client_spec spec_;
  client_listener& listener_;
  std::unique_ptr<client_stream> stream_;
  std::optional<std::uint64_t> called_; ///< and not answered yet
  std::optional<parser> answer_;
  std::string request_; ///< to be written, or with the socket
  std::array<char, 4096> input_{};
  std::string unparsed_;
  bool written_ = true;
  bool closed_ = false;
};

} // namespace tidegate::harness
