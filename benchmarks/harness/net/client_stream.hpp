#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tidegate::harness {

/// What lies between the protocol and TCP.
enum class layer : std::uint8_t { plain, tls, websocket, secure_websocket };

struct endpoint {
  std::string address; ///< numeric, or a name that resolves locally
  std::uint16_t port = 0;
  /// Sent as the TLS server name and the WebSocket host.
  std::string host;
  layer over = layer::plain;
};

/// The client side of one connection, whatever lies below. Belongs to the one
/// thread that runs its `io_context`; at most one read and one write at a
/// time. Who passes a handler keeps the stream alive until it has run.
class client_stream {
public:
  using opened = std::function<void(boost::system::error_code)>;
  using moved = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~client_stream() = default;

  /// Connects and does every handshake up to the first byte of the protocol.
  virtual void open(const endpoint& to, opened then) = 0;
  virtual void read_some(boost::asio::mutable_buffer into, moved then) = 0;
  /// Writes all of `data`, which stays in place until `then`.
  virtual void write(boost::asio::const_buffer data, moved then) = 0;
  /// Drops the connection at once; pending handlers run with an error.
  virtual void close() = 0;
};

/// Where streams come from. `sub_protocol` is what a WebSocket asks for,
/// `mqtt` or `AMQPWSB10`.
struct stream_factory {
  boost::asio::io_context& io;
  boost::asio::ssl::context& tls;

  std::unique_ptr<client_stream> make(layer over,
                                      std::string sub_protocol) const;
};

/// A TLS client context. `ca_file` names who to trust; empty trusts anyone,
/// which is for measuring on loopback only. An error text when the file
/// cannot be used, else empty.
std::string set_trust(boost::asio::ssl::context& tls,
                      const std::string& ca_file);

} // namespace tidegate::harness
