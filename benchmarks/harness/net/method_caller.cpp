#include "benchmarks/harness/net/method_caller.hpp"

#include <boost/asio/buffer.hpp>

namespace tidegate::harness {

namespace {

using boost::system::error_code;
namespace http = boost::beast::http;

constexpr std::string_view body
  = R"({"methodName":"bench","payload":{},"responseTimeoutInSeconds":30})";

} // namespace

method_caller::method_caller(const stream_factory& streams, client_spec spec,
                             client_listener& listener)
  : spec_(std::move(spec)), listener_(listener),
    stream_(streams.make(spec_.to.over, "")) {}

void method_caller::open() {
  auto self = shared_from_this();
  stream_->open(spec_.to, [this, self](error_code bad) {
    if (closed_)
      return;
    if (bad)
      return fail(bad.message());
    listener_.on_ready();
  });
}

bool method_caller::publish(std::uint64_t number, const stamp&) {
  if (called_)
    return false;
  called_ = number;
  request_ = "POST " + spec_.output
             + "?api-version=2018-06-30 HTTP/1.1\r\nHost: " + spec_.to.host
             + "\r\nAuthorization: " + spec_.password
             + "\r\nx-ms-edge-moduleId: " + spec_.client_id
             + "\r\nContent-Type: application/json\r\nContent-Length: "
             + std::to_string(body.size()) + "\r\n\r\n";
  request_ += body;
  written_ = false;
  return true;
}

void method_caller::flush() {
  if (closed_ || std::exchange(written_, true))
    return;
  auto self = shared_from_this();
  stream_->write(boost::asio::buffer(request_),
                 [this, self](error_code bad, std::size_t) {
                   if (!closed_ && bad)
                     fail(bad.message());
                 });
  answer_.emplace();
  read();
}

void method_caller::close() {
  closed_ = true;
  stream_->close();
}

void method_caller::fail(std::string_view why) {
  if (closed_)
    return;
  close();
  listener_.on_closed(why);
}

void method_caller::read() {
  auto self = shared_from_this();
  stream_->read_some(boost::asio::buffer(input_),
                     [this, self](error_code bad, std::size_t count) {
                       if (closed_)
                         return;
                       if (bad)
                         fail(bad.message());
                       else
                         read_done(count);
                     });
}

void method_caller::read_done(std::size_t count) {
  unparsed_.append(input_.data(), count);
  error_code bad;
  while (!unparsed_.empty() && !answer_->is_done() && !bad)
    unparsed_.erase(0, answer_->put(boost::asio::buffer(unparsed_), bad));
  if (bad && bad != http::error::need_more)
    return fail(bad.message());
  if (!answer_->is_done())
    return read();
  if (answer_->get().result() != http::status::ok)
    return fail("a method was answered with "
                + std::to_string(answer_->get().result_int()) + " "
                + answer_->get().body());
  listener_.on_acknowledged(*std::exchange(called_, std::nullopt));
  if (!closed_)
    listener_.on_batch_end();
}

} // namespace tidegate::harness
