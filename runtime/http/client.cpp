#include "runtime/http/client.hpp"

#include "messages/ec.hpp"
#include "runtime/net/async_stream.hpp"
#include "runtime/net/connector.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

namespace tidegate::http {

namespace {

namespace wire = boost::beast::http;
using boost::system::error_code;
using piece_handler = std::function<bool(std::string_view)>;

class exchange_with_server
  : public std::enable_shared_from_this<exchange_with_server> {
public:
  exchange_with_server(boost::asio::io_context& context, endpoint server,
                       call what, piece_handler on_piece,
                       std::function<void(result)> done)
    : context_{context}, timer_{context}, server_{std::move(server)},
      call_{std::move(what)}, on_piece_{std::move(on_piece)}, done_{std::move(
                                                                done)} {}

  void start() {
    timer_.expires_after(call_.timeout);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->fail(ec::timed_out, "no answer in time");
    });
    connect_options to;
    to.host = server_.host;
    to.port = server_.port;
    to.unix_path = server_.unix_path;
    to.tls = server_.tls;
    to.allowed = server_.allowed;
    to.timeout = call_.timeout;
    connect(context_, std::move(to),
            [self = shared_from_this()](caf::expected<byte_stream> stream) {
              if (!self->done_)
                return;
              if (!stream)
                return self->finish(stream.error());
              self->stream_.emplace(std::move(*stream));
              self->send();
            });
  }

private:
  void send() {
    const auto asked = std::make_shared<wire::request<wire::string_body>>();
    asked->version(11);
    asked->method_string(call_.method);
    asked->target(call_.target);
    asked->set(wire::field::host,
               server_.unix_path.empty() ? server_.host : "localhost");
    asked->set(wire::field::connection, "close");
    for (const auto& [name, value] : call_.headers)
      asked->set(name, value);
    if (!call_.body.empty())
      asked->set(wire::field::content_type, call_.content_type);
    asked->body() = call_.body;
    asked->prepare_payload();
    wire::async_write(*stream_, *asked,
                      [self = shared_from_this(),
                       asked](const error_code& failed, std::size_t) {
                        if (failed)
                          return self->fail(ec::io_failed, failed.message());
                        self->read_header();
                      });
  }

  void read_header() {
    if (on_piece_)
      parser_.body_limit(boost::none);
    else
      parser_.body_limit(call_.response_limit);
    parser_.skip(call_.method == "HEAD");
    wire::async_read_header(
      *stream_, buffer_, parser_,
      [self = shared_from_this()](const error_code& failed, std::size_t) {
        if (failed)
          return self->fail(ec::io_failed, failed.message());
        self->following_
          = self->on_piece_ && self->parser_.get().result_int() < 400;
        if (self->following_) {
          self->timer_.cancel();
          if (!self->on_piece_({}))
            return self->finish(self->answer());
        }
        self->read_body();
      });
  }

  /// The server has said something.
  void expect_more() {
    if (!following_ || call_.most_silence.count() == 0)
      return;
    timer_.expires_after(call_.most_silence);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->fail(ec::timed_out, "no more of the answer came in time");
    });
  }

  void read_body() {
    expect_more();
    auto& body = parser_.get().body();
    if (following_ && !body.empty()) {
      if (!on_piece_(body))
        return finish(answer());
      body.clear();
    }
    if (!following_ && body.size() > call_.response_limit)
      return fail(ec::io_failed, "the answer is too large");
    if (parser_.is_done())
      return finish(answer());
    wire::async_read_some(
      *stream_, buffer_, parser_,
      [self = shared_from_this()](const error_code& failed, std::size_t) {
        if (failed && failed != wire::error::end_of_stream)
          return self->fail(ec::io_failed, failed.message());
        self->read_body();
      });
  }

  response answer() {
    const auto& message = parser_.get();
    response answer;
    answer.status = message.result_int();
    answer.content_type = message[wire::field::content_type];
    for (const auto& field : message)
      answer.headers.emplace_back(field.name_string(), field.value());
    if (!following_)
      answer.body = message.body();
    return answer;
  }

  void fail(ec code, const std::string& why) {
    const auto where = server_.unix_path.empty()
                         ? server_.host + ':' + std::to_string(server_.port)
                         : server_.unix_path;
    finish(caf::make_error(code, call_.method + " " + call_.target + " at "
                                   + where + ": " + why));
  }

  void finish(result with) {
    timer_.cancel();
    if (stream_)
      stream_->inner().close();
    if (done_)
      std::exchange(done_, nullptr)(std::move(with));
  }

  boost::asio::io_context& context_;
  boost::asio::steady_timer timer_;
  const endpoint server_;
  const call call_;
  const piece_handler on_piece_;
  std::function<void(result)> done_;
  std::optional<async_stream> stream_;
  boost::beast::flat_buffer buffer_;
  wire::response_parser<wire::string_body> parser_;
  bool following_ = false;
};

result wait_for(const endpoint& server, const call& what,
                piece_handler on_piece) {
  boost::asio::io_context context{1};
  result answer{caf::make_error(ec::unavailable, "the call was given up")};
  std::make_shared<exchange_with_server>(
    context, server, what, std::move(on_piece),
    [&](result got) { answer = std::move(got); })
    ->start();
  context.run();
  return answer;
}

} // namespace

void fetch(boost::asio::io_context& context, endpoint server, call what,
           std::function<void(result)> done) {
  auto started = std::make_shared<exchange_with_server>(
    context, std::move(server), std::move(what), nullptr, std::move(done));
  boost::asio::post(context, [started] { started->start(); });
}

void follow(boost::asio::io_context& context, endpoint server, call what,
            std::function<bool(std::string_view)> on_piece,
            std::function<void(result)> done) {
  auto started = std::make_shared<exchange_with_server>(
    context, std::move(server), std::move(what), std::move(on_piece),
    std::move(done));
  boost::asio::post(context, [started] { started->start(); });
}

result fetch(const endpoint& server, const call& what) {
  return wait_for(server, what, nullptr);
}

result follow(const endpoint& server, const call& what,
              std::function<bool(std::string_view)> on_piece) {
  return wait_for(server, what, [=](std::string_view piece) {
    return piece.empty() || on_piece(piece);
  });
}

} // namespace tidegate::http
