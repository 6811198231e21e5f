#include "runtime/net/websocket_connection.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "runtime/net/connection.hpp"
#include "runtime/net/websocket_connector.hpp"

#include <algorithm>
#include <boost/beast/core/role.hpp>
#include <boost/beast/http/rfc7230.hpp>

namespace tidegate {

// How Beast ends an `async_stream`; found by its type.

static void beast_close_socket(async_stream& stream) { stream.inner().close(); }

template <class Handler>
void async_teardown(boost::beast::role_type, async_stream& stream,
                    Handler&& then) {
  stream.inner().end_writing();
  boost::asio::post(stream.get_executor(), boost::beast::bind_front_handler(
                                             std::forward<Handler>(then),
                                             boost::system::error_code{}));
}

} // namespace tidegate

#include <boost/beast/websocket/stream.hpp>

namespace tidegate {

namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

constexpr std::size_t most_pieces = 64;
/// A message is sent once it holds this much.
constexpr std::size_t message_size = 64UL * 1024;
/// An idle connection waits with a buffer of at most twice this size.
constexpr std::size_t read_size = 16UL * 1024;
constexpr auto handshake_timeout = std::chrono::seconds{30};

class websocket_connection final : public connection {
public:
  websocket_connection(io_loop& loop, async_stream stream, peer_info peer,
                       connection_options_ptr options)
    : connection{loop, std::move(peer), std::move(options),
                 stream.inner().account()},
      socket_{std::move(stream)} {
    socket_.set_option(websocket::stream_base::timeout{
      handshake_timeout, websocket::stream_base::none(), false});
    socket_.read_message_max(this->options().websocket_message_limit);
    socket_.binary(true);
    socket_.auto_fragment(false);
  }

  void accept(upgrade_request asked, const std::string& protocol,
              session_factory make_session) {
    socket_.set_option(websocket::stream_base::decorator(
      [protocol](websocket::response_type& answer) {
        answer.set(http::field::sec_websocket_protocol, protocol);
      }));
    const auto kept = std::make_shared<upgrade_request>(std::move(asked));
    socket_.async_accept(
      *kept, [self = self(), kept, make_session = std::move(make_session)](
               const error_code& failed) {
        if (!failed)
          return self->start(make_session);
        log::info("net", "WebSocket upgrade failed",
                  {{"peer", self->peer().address}, {"why", failed.message()}});
        self->drop();
      });
  }

  void connect(const websocket_target& target, session_factory make_session,
               std::function<void(caf::error)> on_failure) {
    socket_.set_option(websocket::stream_base::decorator(
      [protocol = target.protocol](websocket::request_type& asked) {
        asked.set(http::field::sec_websocket_protocol, protocol);
      }));
    const auto answer = std::make_shared<websocket::response_type>();
    socket_.async_handshake(
      *answer, target.host, target.path,
      [self = self(), answer, protocol = target.protocol,
       make_session = std::move(make_session),
       on_failure = std::move(on_failure)](const error_code& failed) {
        const auto agreed = (*answer)[http::field::sec_websocket_protocol];
        if (!failed && agreed == protocol)
          return self->start(make_session);
        self->drop();
        on_failure(caf::make_error(
          ec::unavailable,
          "WebSocket upgrade failed: "
            + (failed ? failed.message()
                      : "the server does not speak " + protocol)));
      });
  }

private:
  std::shared_ptr<websocket_connection> self() {
    return std::static_pointer_cast<websocket_connection>(shared_from_this());
  }

  void read() override {
    if (reading_ || !may_read())
      return;
    reading_ = true;
    const auto room = input().room();
    socket_.async_read_some(
      boost::asio::buffer(room.data(), std::min(room.size(), read_size)),
      [self = self()](const error_code& failed, std::size_t count) {
        self->reading_ = false;
        if (self->is_open())
          self->after_read(failed, count);
      });
  }

  void after_read(const error_code& failed, std::size_t count) {
    input().commit(count);
    if (count > 0 && socket_.got_text())
      return fail("protocol error: a WebSocket text message");
    if (count > 0 && !deliver())
      return;
    if (failed)
      return fail(failed == websocket::error::closed ? "closed by the peer"
                                                     : failed.message());
    read();
  }

  void send() override {
    if (writing_)
      return;
    std::array<iovec, most_pieces> pieces;
    std::vector<boost::asio::const_buffer> message;
    std::size_t size = 0;
    for (const auto& piece : queue().front(pieces)) {
      if (size >= message_size)
        break;
      message.emplace_back(piece.iov_base, piece.iov_len);
      size += piece.iov_len;
    }
    if (message.empty())
      return all_sent();
    writing_ = true;
    watch_output();
    socket_.async_write(
      message, [self = self(), size](const error_code& failed, std::size_t) {
        self->writing_ = false;
        if (failed)
          return self->fail(failed.message());
        self->sent(size);
        self->send();
      });
  }

  void say_goodbye() override {
    socket_.async_close(websocket::close_code::normal,
                        [self = self()](const error_code&) { self->drop(); });
  }

  void free_stranger() override { socket_.next_layer().inner().no_stranger(); }
  void drop_socket() override { socket_.next_layer().inner().close(); }

  // Without compression, which would cost a connection 300 KB.
  websocket::stream<async_stream, false> socket_;
  bool reading_ = false;
  bool writing_ = false;
};

} // namespace

std::vector<std::string> offered_protocols(const upgrade_request& asked) {
  std::vector<std::string> names;
  for (const auto& field : asked)
    if (field.name() == http::field::sec_websocket_protocol)
      for (const auto& name : http::token_list{field.value()})
        names.emplace_back(name);
  return names;
}

void accept_websocket(io_loop& loop, async_stream stream, peer_info peer,
                      upgrade_request asked, const std::string& protocol,
                      connection_options_ptr options,
                      session_factory make_session) {
  std::make_shared<websocket_connection>(loop, std::move(stream),
                                         std::move(peer), std::move(options))
    ->accept(std::move(asked), protocol, std::move(make_session));
}

void connect_websocket(io_loop& loop, byte_stream stream, peer_info peer,
                       const websocket_target& target,
                       connection_options_ptr options,
                       session_factory make_session,
                       std::function<void(caf::error)> on_failure) {
  std::make_shared<websocket_connection>(loop, async_stream{std::move(stream)},
                                         std::move(peer), std::move(options))
    ->connect(target, std::move(make_session), std::move(on_failure));
}

} // namespace tidegate
