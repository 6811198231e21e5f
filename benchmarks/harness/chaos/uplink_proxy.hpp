#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace tidegate::harness {

/// How the wire between two nodes behaves.
enum class wire : std::uint8_t {
  good,
  cut,     ///< open connections are reset, new ones too
  stalled, ///< connections open and stay open; no byte arrives
  slow,    ///< every byte arrives `wire_delay` late
};

inline constexpr std::chrono::milliseconds wire_delay{200};

/// One connection through the proxy.
class proxied;

/// A TCP proxy on loopback that stands for the network between a gateway and
/// its parent, and can misbehave as one. Runs on the harness's thread.
class uplink_proxy {
public:
  /// Listens on a port the system chooses; forwards to `target` here.
  uplink_proxy(boost::asio::io_context& io, std::uint16_t target);
  ~uplink_proxy();

  std::uint16_t port() const { return port_; }

  void set(wire how);

private:
  void accept();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint target_;
  std::uint16_t port_;
  std::shared_ptr<wire> now_; ///< shared with the connections
  std::vector<std::weak_ptr<proxied>> connections_;
};

} // namespace tidegate::harness
