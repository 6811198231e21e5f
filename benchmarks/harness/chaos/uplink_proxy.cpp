#include "benchmarks/harness/chaos/uplink_proxy.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace tidegate::harness {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Resets instead of an orderly end: what a network that fails looks like.
void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket.close(ignored);
}

constexpr std::size_t chunk_size = 65'536;

} // namespace

class proxied : public std::enable_shared_from_this<proxied> {
public:
  proxied(tcp::socket client, std::shared_ptr<const wire> now)
    : sides_{side{std::move(client)}, side{tcp::socket{client.get_executor()}}},
      now_(std::move(now)) {}

  void start(const tcp::endpoint& target) {
    auto self = shared_from_this();
    sides_[1].socket.async_connect(target, [this, self](error_code bad) {
      if (bad)
        return end();
      for (auto& one : sides_) {
        error_code ignored;
        one.socket.set_option(tcp::no_delay{true}, ignored);
      }
      forward(0);
      forward(1);
    });
  }

  void end() {
    for (auto& one : sides_) {
      one.pause.cancel();
      reset(one.socket);
    }
  }

  /// The wire has changed: what was held back may go now.
  void look_again() {
    for (auto& one : sides_)
      one.pause.cancel();
  }

private:
  /// What comes in here goes out at the other side.
  struct side {
    explicit side(tcp::socket open)
      : socket(std::move(open)), pause(socket.get_executor()) {}

    tcp::socket socket;
    asio::steady_timer pause;
    std::array<char, chunk_size> chunk;
  };

  void forward(std::size_t from) {
    auto self = shared_from_this();
    auto& source = sides_[from];
    source.socket.async_read_some(
      asio::buffer(source.chunk),
      [this, self, from](error_code bad, std::size_t count) {
        if (bad)
          return end();
        deliver(from, count, *now_ == wire::slow);
      });
  }

  /// Waits while the wire is stalled; a slow one delays each chunk once.
  void deliver(std::size_t from, std::size_t count, bool late) {
    auto& source = sides_[from];
    if (late || *now_ == wire::stalled) {
      source.pause.expires_after(late ? wire_delay : std::chrono::hours{1});
      source.pause.async_wait(
        [this, self = shared_from_this(), from, count](error_code) {
          if (sides_[from].socket.is_open())
            deliver(from, count, false);
        });
      return;
    }
    asio::async_write(
      sides_[1 - from].socket, asio::buffer(source.chunk.data(), count),
      [this, self = shared_from_this(), from](error_code bad, std::size_t) {
        if (bad)
          return end();
        forward(from);
      });
  }

  std::array<side, 2> sides_;
  std::shared_ptr<const wire> now_;
};

uplink_proxy::uplink_proxy(asio::io_context& io, std::uint16_t target)
  : io_(io), acceptor_(io, {asio::ip::address_v4::loopback(), 0}),
    target_(asio::ip::address_v4::loopback(), target),
    port_(acceptor_.local_endpoint().port()),
    now_(std::make_shared<wire>(wire::good)) {
  accept();
}

uplink_proxy::~uplink_proxy() { set(wire::cut); }

void uplink_proxy::set(wire how) {
  *now_ = how;
  for (const auto& each : connections_)
    if (const auto one = each.lock())
      how == wire::cut ? one->end() : one->look_again();
}

void uplink_proxy::accept() {
  acceptor_.async_accept([this](error_code bad, tcp::socket socket) {
    if (bad == asio::error::operation_aborted)
      return;
    if (!bad && *now_ == wire::cut) {
      reset(socket);
    } else if (!bad) {
      std::erase_if(connections_,
                    [](const auto& each) { return each.expired(); });
      const auto one = std::make_shared<proxied>(std::move(socket), now_);
      connections_.push_back(one);
      one->start(target_);
    }
    accept();
  });
}

} // namespace tidegate::harness
