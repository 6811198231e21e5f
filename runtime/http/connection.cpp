#include "runtime/http/connection.hpp"

#include "actors/log.hpp"
#include "messages/iothub/percent.hpp"
#include "runtime/http/length_fault.hpp"
#include "runtime/http/pending_answer.hpp"
#include "runtime/net/websocket_connection.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <sys/socket.h>

namespace tidegate::http {

namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

/// How long a peer that has its last answer may take to close.
constexpr auto leave_timeout = std::chrono::seconds{2};

std::optional<peer_process> process_of(int fd) {
  ucred found{};
  socklen_t size = sizeof found;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0
      || found.pid == 0)
    return std::nullopt;
  return peer_process{found.pid, found.uid, found.gid};
}

std::string_view text_of(beast::string_view field) {
  return {field.data(), field.size()};
}

/// What the answer must know of its request.
struct asked_for {
  unsigned version = 11;
  bool keep_alive = false;
  bool head_only = false;
};

class connection final : public answerable,
                         public std::enable_shared_from_this<connection> {
public:
  connection(std::shared_ptr<const service> by, byte_stream stream,
             peer_info peer)
    : by_{std::move(by)}, process_{process_of(stream.fd())}, stream_{std::move(
                                                               stream)},
      timer_{stream_.get_executor()}, peer_{std::move(peer)} {}

  /// Takes requests, if there is memory for them.
  void start() {
    if (charge(by_->options.header_limit))
      wait();
    else
      close();
  }

  /// Waits for a request without holding anything for it.
  void wait() {
    if (buffer_.size() > 0 || stream_.inner().has_pending())
      return read_header();
    limit(introduced_ ? by_->options.idle_timeout
                      : std::min(by_->options.idle_timeout, time_left()));
    stream_.inner().async_wait(
      io_wait::readable, [self = shared_from_this()](const error_code& failed) {
        if (!failed)
          self->read_header();
      });
  }

  void answer(std::uint64_t request, response with) override;
  void answer(std::uint64_t request, std::shared_ptr<chunk_writer> with,
              unsigned status, const std::string& content_type) override;

  void when_closed(std::uint64_t request, std::function<void()> then) override;

private:
  using parser = wire::request_parser<wire::string_body>;

  bool charge(std::size_t bytes) {
    const auto& account = stream_.inner().account();
    return !account || account->charge(bytes);
  }

  /// Until somebody must have been known.
  milliseconds time_left() const {
    return std::chrono::duration_cast<milliseconds>(
      began_ + by_->options.introduction_timeout
      - std::chrono::steady_clock::now());
  }

  void read_header();
  void after_header(const error_code& failed);
  void read_body();
  void handle_request();
  void upgrade();
  void refuse(const error_code& why);
  void write(response with);
  void introduce() {
    introduced_ = true;
    stream_.inner().no_stranger();
  }
  void watch_the_peer();
  void end_watch();
  void peer_left();
  void limit(milliseconds time);
  void on_timeout();
  void leave();
  void read_to_the_end();
  void close();

  std::shared_ptr<const service> by_;
  std::optional<peer_process> process_;
  async_stream stream_;
  boost::asio::steady_timer timer_;
  peer_info peer_;
  beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  asked_for asked_;
  std::uint64_t number_ = 0; // of the request that is being handled
  const std::chrono::steady_clock::time_point began_
    = std::chrono::steady_clock::now();
  std::size_t body_charged_ = 0;           // for the request at hand
  bool introduced_ = process_.has_value(); // a request had success
  std::function<void()> on_gone_;          // while the request is being handled
  bool handling_ = false;
  bool reading_body_ = false;
};

void connection::read_header() {
  limit(by_->options.header_timeout);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(by_->options.header_limit));
  parser_->body_limit(by_->options.body_limit);
  wire::async_read_header(
    stream_, buffer_, *parser_,
    [self = shared_from_this()](const error_code& failed, std::size_t) {
      self->after_header(failed);
    });
}

void connection::after_header(const error_code& failed) {
  if (failed)
    return refuse(failed);
  const auto& head = parser_->get();
  asked_ = {head.version(), parser_->keep_alive(),
            head.method() == wire::verb::head};
  if (const auto fault = length_fault(head)) {
    asked_.keep_alive = false;
    return write(error_response(fault->status, fault->why));
  }
  if (!by_->websockets.empty() && beast::websocket::is_upgrade(head))
    return upgrade();
  const auto body = parser_->chunked() ? by_->options.body_limit
                                       : parser_->content_length().value_or(0);
  if (body <= by_->options.body_limit) {
    if (!charge(body)) {
      asked_.keep_alive = false;
      return write(error_response(503, "too many requests of clients that "
                                       "are not known yet"));
    }
    body_charged_ = body;
  }
  limit(by_->options.body_timeout);
  reading_body_ = true;
  if (!beast::iequals(head[wire::field::expect], "100-continue"))
    return read_body();
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::asio::async_write(
    stream_, boost::asio::buffer(go_on),
    [self = shared_from_this()](const error_code& unsent, std::size_t) {
      if (unsent)
        self->refuse(unsent);
      else
        self->read_body();
    });
}

void connection::read_body() {
  wire::async_read(
    stream_, buffer_, *parser_,
    [self = shared_from_this()](const error_code& failed, std::size_t) {
      if (failed)
        return self->refuse(failed);
      self->reading_body_ = false;
      self->handle_request();
    });
}

void connection::upgrade() {
  timer_.cancel();
  auto head = parser_->release();
  for (const auto& protocol : offered_protocols(head)) {
    const auto found = by_->websockets.find(protocol);
    if (found == by_->websockets.end())
      continue;
    peer_.listener = peer_.encrypted ? "wss" : "ws";
    // URL-encoded by the proxy, as a header has no lines (edge-hub spec 3.5).
    peer_.vouched.pem
      = tidegate::percent_decode(text_of(head["x-ms-edge-clientcert"]));
    peer_.vouched.token = text_of(head[wire::field::authorization]);
    return accept_websocket(
      by_->loop, std::move(stream_), std::move(peer_), std::move(head),
      protocol, found->second.connections, found->second.make_session);
  }
  asked_.keep_alive = false;
  write(error_response(400, "no such WebSocket sub-protocol here"));
}

void connection::handle_request() {
  limit(by_->options.answer_timeout);
  auto message = parser_->release();
  parser_.reset();
  request asked;
  asked.method = message.method_string();
  for (const auto& field : message)
    asked.headers.emplace_back(field.name_string(), field.value());
  asked.body = std::move(message.body());
  asked.peer = peer_;
  asked.process = process_;
  handling_ = true;
  const auto exchange = make_pending_answer(
    by_->loop, {shared_from_this(), ++number_, asked_.version == 11,
                by_->options.stall_timeout});
  if (!parse_target(message.target(), asked))
    return exchange->send(error_response(400, "the target is not a path"));
  try {
    by_->handle(asked, responder{exchange});
  } catch (const std::exception& failure) {
    log::error("http", "a request handler failed",
               {{"listener", peer_.listener},
                {"path", asked.path},
                {"why", failure.what()}});
    exchange->send(error_response(500, "internal error"));
  }
}

/// The request can not be read: says why, if the peer is still there.
void connection::refuse(const error_code& why) {
  const auto timed_out
    = why == boost::asio::error::operation_aborted && reading_body_;
  asked_.keep_alive = false;
  if (timed_out && stream_.inner().is_open())
    return write(error_response(408, "the body did not arrive in time"));
  if (why == wire::error::body_limit)
    return write(error_response(413, "the body is too large"));
  if (why == wire::error::header_limit)
    return write(error_response(431, "the header is too large"));
  const auto broken
    = why.category() == make_error_code(wire::error::bad_method).category();
  if (broken && why != wire::error::end_of_stream
      && why != wire::error::partial_message)
    return write(error_response(400, "not an HTTP request: " + why.message()));
  close();
}

void connection::answer(std::uint64_t request, response with) {
  if (handling_ && request == number_)
    write(std::move(with));
}

void connection::when_closed(std::uint64_t request,
                             std::function<void()> then) {
  if (!handling_ || request != number_)
    return;
  on_gone_ = std::move(then);
  watch_the_peer();
}

/// Reads on while an answer is waited for, only to hear of the end; what comes
/// is the next request's.
void connection::watch_the_peer() {
  const auto room = by_->options.header_limit;
  for (;;) {
    // What reads nothing of an end is treated as one: nobody hides its own
    // behind other requests.
    if (buffer_.size() >= room)
      return peer_left();
    const auto space = buffer_.prepare(room - buffer_.size());
    const auto got = stream_.inner().read_some(
      {static_cast<char*>(space.data()), space.size()});
    buffer_.commit(got.count);
    if (got.error)
      return peer_left();
    if (got.count > 0)
      continue;
    return stream_.inner().async_wait(
      got.wait, [self = shared_from_this(),
                 request = number_](const error_code& cancelled) {
        if (!cancelled && self->on_gone_ && request == self->number_)
          self->watch_the_peer();
      });
  }
}

void connection::peer_left() {
  if (const auto then = std::exchange(on_gone_, nullptr))
    then();
}

void connection::end_watch() {
  if (std::exchange(on_gone_, nullptr))
    stream_.inner().cancel();
}

void connection::write(response with) {
  handling_ = false;
  if (with.status < 300)
    introduce();
  else if (const auto& account = stream_.inner().account())
    account->pay_back(std::exchange(body_charged_, 0));
  if (!introduced_ && time_left().count() <= 0)
    asked_.keep_alive = false;
  end_watch();
  limit(by_->options.stall_timeout);
  const auto message = std::make_shared<wire::response<wire::string_body>>(
    static_cast<wire::status>(with.status), asked_.version);
  if (!with.content_type.empty())
    message->set(wire::field::content_type, with.content_type);
  for (const auto& [name, value] : with.headers)
    message->set(name, value);
  message->keep_alive(asked_.keep_alive);
  message->body() = std::move(with.body);
  message->prepare_payload();
  if (asked_.head_only)
    message->body().clear();
  wire::async_write(stream_, *message,
                    [self = shared_from_this(),
                     message](const error_code& failed, std::size_t) {
                      if (failed)
                        return self->close();
                      if (!self->asked_.keep_alive)
                        return self->leave();
                      self->wait();
                    });
}

void connection::answer(std::uint64_t request,
                        std::shared_ptr<chunk_writer> with, unsigned status,
                        const std::string& content_type) {
  if (!handling_ || request != number_)
    return with->drop();
  handling_ = false;
  introduce();
  end_watch();
  timer_.cancel();
  wire::response<wire::empty_body> head{static_cast<wire::status>(status),
                                        asked_.version};
  head.set(wire::field::content_type, content_type);
  head.keep_alive(false);
  if (asked_.version == 11)
    head.chunked(true);
  std::ostringstream text;
  text << head.base();
  with->start(std::move(stream_.inner()), text.str());
}

void connection::limit(milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled)
      self->on_timeout();
  });
}

void connection::on_timeout() {
  if (reading_body_)
    return stream_.inner().cancel();
  if (!handling_)
    return close();
  asked_.keep_alive = false;
  write(error_response(504, "no answer in time"));
}

/// A socket closed with unread bytes in it is reset, and the peer may lose the
/// answer. So the peer gets a moment to end first.
void connection::leave() {
  stream_.inner().end_writing();
  limit(leave_timeout);
  read_to_the_end();
}

void connection::read_to_the_end() {
  if (!stream_.inner().discard())
    return close();
  stream_.inner().async_wait(io_wait::readable, [self = shared_from_this()](
                                                  const error_code& cancelled) {
    if (!cancelled)
      self->read_to_the_end();
  });
}

void connection::close() {
  timer_.cancel();
  stream_.inner().close();
}

} // namespace

void serve_connection(std::shared_ptr<const service> by, byte_stream stream,
                      peer_info peer) {
  std::make_shared<connection>(std::move(by), std::move(stream),
                               std::move(peer))
    ->start();
}

} // namespace tidegate::http
