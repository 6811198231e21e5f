#include "runtime/net/tls_handshake.hpp"

#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace tidegate {

namespace {

using boost::system::error_code;

class handshake : public std::enable_shared_from_this<handshake> {
public:
  handshake(byte_stream stream,
            std::function<void(byte_stream, std::string)> done)
    : stream_{std::move(stream)}, timer_{stream_.get_executor()}, done_{
                                                                    std::move(
                                                                      done)} {}

  void start(std::chrono::milliseconds timeout) {
    timer_.expires_after(timeout);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled)
        self->fail("the TLS handshake took too long");
    });
    go_on();
  }

private:
  void go_on() {
    const auto step = stream_.handshake();
    if (step.error)
      return fail("TLS handshake failed: " + reason_of(step.error));
    if (step.wait == io_wait::nothing)
      return finish({});
    stream_.async_wait(
      step.wait, [self = shared_from_this()](const error_code& cancelled) {
        if (!cancelled && self->done_)
          self->go_on();
      });
  }

  std::string reason_of(const error_code& error) {
    const auto verdict = SSL_get_verify_result(stream_.tls());
    if (verdict != X509_V_OK && SSL_is_server(stream_.tls()) == 0)
      return X509_verify_cert_error_string(verdict);
    return error.message();
  }

  void fail(std::string why) {
    if (!done_)
      return;
    stream_.close();
    finish(std::move(why));
  }

  void finish(std::string why) {
    timer_.cancel();
    std::exchange(done_, nullptr)(std::move(stream_), std::move(why));
  }

  byte_stream stream_;
  boost::asio::steady_timer timer_;
  std::function<void(byte_stream, std::string)> done_;
};

} // namespace

void tls_handshake(byte_stream stream, std::chrono::milliseconds timeout,
                   std::function<void(byte_stream, std::string why)> done) {
  if (!stream.encrypted())
    return done(std::move(stream), {});
  std::make_shared<handshake>(std::move(stream), std::move(done))
    ->start(timeout);
}

} // namespace tidegate
