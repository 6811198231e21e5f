#include "runtime/http/pending_answer.hpp"

#include <boost/asio/post.hpp>
#include <new>

namespace tidegate::http {

namespace {

class pending_answer final : public exchange {
public:
  pending_answer(io_loop& loop, asker from)
    : loop_{loop}, from_{std::move(from)} {}

  ~pending_answer() override {
    try {
      send(error_response(500, "the request was not answered"));
    } catch (const std::bad_alloc&) { // the answer's timeout comes instead
    }
  }
  pending_answer(const pending_answer&) = delete;
  pending_answer& operator=(const pending_answer&) = delete;

  void send(response answer) override {
    if (answered_.exchange(true))
      return;
    boost::asio::post(loop_.context(),
                      [connection = from_.connection, request = from_.request,
                       answer = std::move(answer)]() mutable {
                        if (const auto open = connection.lock())
                          open->answer(request, std::move(answer));
                      });
  }

  body_stream_ptr stream(unsigned status, std::string content_type,
                         stream_events events) override {
    auto writer = std::make_shared<chunk_writer>(
      loop_, from_.http_1_1, from_.stall_timeout, std::move(events));
    const auto first = !answered_.exchange(true);
    boost::asio::post(loop_.context(),
                      [connection = from_.connection, request = from_.request,
                       writer, status, content_type = std::move(content_type),
                       first] {
                        const auto open = connection.lock();
                        if (open && first)
                          open->answer(request, writer, status, content_type);
                        else
                          writer->drop();
                      });
    return hold(std::move(writer));
  }

  void when_closed(std::function<void()> then) override {
    boost::asio::post(loop_.context(),
                      [connection = from_.connection, request = from_.request,
                       then = std::move(then)]() mutable {
                        if (const auto open = connection.lock())
                          open->when_closed(request, std::move(then));
                        else
                          then();
                      });
  }

private:
  io_loop& loop_;
  const asker from_;
  std::atomic<bool> answered_ = false;
};

} // namespace

std::shared_ptr<exchange> make_pending_answer(io_loop& loop, asker from) {
  return std::make_shared<pending_answer>(loop, std::move(from));
}

} // namespace tidegate::http
