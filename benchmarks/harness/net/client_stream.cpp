#include "benchmarks/harness/net/client_stream.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

namespace tidegate::harness {

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

/// The TCP socket and the way to it.
class tcp_connector {
public:
  explicit tcp_connector(asio::io_context& io) : resolver_(io) {}

  /// Connects `socket`; `then` runs with the result.
  template <class Then>
  void connect(tcp::socket& socket, const endpoint& to, Then then) {
    error_code bad;
    const auto address = asio::ip::make_address(to.address, bad);
    auto ready = [&socket, then](error_code failed) {
      error_code ignored;
      if (!failed)
        socket.set_option(tcp::no_delay{true}, ignored);
      then(failed);
    };
    if (!bad)
      return socket.async_connect({address, to.port}, ready);
    resolver_.async_resolve(
      to.address, std::to_string(to.port),
      [&socket, ready](error_code failed, const auto& results) {
        if (failed || results.empty())
          return ready(failed ? failed : asio::error::host_not_found);
        socket.async_connect(*results.begin(), ready);
      });
  }

private:
  tcp::resolver resolver_;
};

class plain_stream final : public client_stream {
public:
  explicit plain_stream(asio::io_context& io) : connector_(io), socket_(io) {}

  void open(const endpoint& to, opened then) override {
    connector_.connect(socket_, to, std::move(then));
  }
  void read_some(asio::mutable_buffer into, moved then) override {
    socket_.async_read_some(into, std::move(then));
  }
  void write(asio::const_buffer data, moved then) override {
    asio::async_write(socket_, data, std::move(then));
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

private:
  tcp_connector connector_;
  tcp::socket socket_;
};

class tls_stream final : public client_stream {
public:
  tls_stream(asio::io_context& io, asio::ssl::context& tls)
    : connector_(io), stream_(io, tls) {}

  void open(const endpoint& to, opened then) override {
    SSL_set_tlsext_host_name(stream_.native_handle(), to.host.c_str());
    connector_.connect(stream_.next_layer(), to, [this, then](error_code bad) {
      if (bad)
        return then(bad);
      stream_.async_handshake(asio::ssl::stream_base::client, then);
    });
  }
  void read_some(asio::mutable_buffer into, moved then) override {
    stream_.async_read_some(into, std::move(then));
  }
  void write(asio::const_buffer data, moved then) override {
    asio::async_write(stream_, data, std::move(then));
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

private:
  tcp_connector connector_;
  asio::ssl::stream<tcp::socket> stream_;
};

/// What both WebSocket streams do once the layer below is connected.
template <class Below>
class websocket_stream : public client_stream {
public:
  template <class... Arguments>
  websocket_stream(asio::io_context& io, std::string sub_protocol,
                   Arguments&&... below)
    : connector_(io), sub_protocol_(std::move(sub_protocol)),
      stream_(std::forward<Arguments>(below)...) {}

  void read_some(asio::mutable_buffer into, moved then) override {
    stream_.async_read_some(into, std::move(then));
  }
  void write(asio::const_buffer data, moved then) override {
    stream_.async_write(data, std::move(then));
  }
  void close() override {
    error_code ignored;
    boost::beast::get_lowest_layer(stream_).close(ignored);
  }

protected:
  void upgrade(const std::string& host, opened then) {
    stream_.binary(true);
    stream_.set_option(websocket::stream_base::decorator(
      [name = sub_protocol_](websocket::request_type& request) {
        request.set(boost::beast::http::field::sec_websocket_protocol, name);
      }));
    stream_.async_handshake(host, "/$iothub/websocket", std::move(then));
  }

  tcp_connector connector_;
  std::string sub_protocol_;
  websocket::stream<Below> stream_;
};

class plain_websocket final : public websocket_stream<tcp::socket> {
public:
  plain_websocket(asio::io_context& io, std::string sub_protocol)
    : websocket_stream(io, std::move(sub_protocol), io) {}

  void open(const endpoint& to, opened then) override {
    connector_.connect(stream_.next_layer(), to,
                       [this, to, then](error_code bad) {
                         if (bad)
                           return then(bad);
                         upgrade(to.host, then);
                       });
  }
};

class secure_websocket final
  : public websocket_stream<asio::ssl::stream<tcp::socket>> {
public:
  secure_websocket(asio::io_context& io, asio::ssl::context& tls,
                   std::string sub_protocol)
    : websocket_stream(io, std::move(sub_protocol), io, tls) {}

  void open(const endpoint& to, opened then) override {
    auto& below = stream_.next_layer();
    SSL_set_tlsext_host_name(below.native_handle(), to.host.c_str());
    connector_.connect(
      below.next_layer(), to, [this, &below, to, then](error_code bad) {
        if (bad)
          return then(bad);
        below.async_handshake(asio::ssl::stream_base::client,
                              [this, to, then](error_code failed) {
                                if (failed)
                                  return then(failed);
                                upgrade(to.host, then);
                              });
      });
  }
};

} // namespace

std::unique_ptr<client_stream>
stream_factory::make(layer over, std::string sub_protocol) const {
  switch (over) {
  case layer::tls:
    return std::make_unique<tls_stream>(io, tls);
  case layer::websocket:
    return std::make_unique<plain_websocket>(io, std::move(sub_protocol));
  case layer::secure_websocket:
    return std::make_unique<secure_websocket>(io, tls, std::move(sub_protocol));
  case layer::plain:
    break;
  }
  return std::make_unique<plain_stream>(io);
}

std::string set_trust(asio::ssl::context& tls, const std::string& ca_file) {
  if (ca_file.empty()) {
    tls.set_verify_mode(asio::ssl::verify_none);
    return {};
  }
  error_code bad;
  tls.load_verify_file(ca_file, bad);
  if (bad)
    return "cannot trust " + ca_file + ": " + bad.message();
  tls.set_verify_mode(asio::ssl::verify_peer);
  return {};
}

} // namespace tidegate::harness
