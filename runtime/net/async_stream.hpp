#pragma once

#include "runtime/net/byte_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <vector>

namespace tidegate {

/// A `byte_stream` in the form Asio calls AsyncStream, for Beast to run on.
/// Include it only where Beast is used: it is slow to compile.
class async_stream {
public:
  using executor_type = byte_stream::executor_type;

  explicit async_stream(byte_stream inner) : inner_{std::move(inner)} {}

  executor_type get_executor() noexcept { return inner_.get_executor(); }
  byte_stream& inner() { return inner_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    std::span<char> room;
    for (const boost::asio::mutable_buffer piece :
         boost::beast::buffers_range_ref(buffers))
      if (room.empty())
        room = {static_cast<char*>(piece.data()), piece.size()};
    return run(
      [room](byte_stream& stream) {
        return room.empty() ? io_step{} : stream.read_some(room);
      },
      std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    std::vector<iovec> pieces;
    for (const boost::asio::const_buffer piece :
         boost::beast::buffers_range_ref(buffers))
      if (piece.size() > 0 && pieces.size() < most_pieces)
        pieces.push_back({const_cast<void*>(piece.data()), piece.size()});
    return run(
      [pieces = std::move(pieces)](byte_stream& stream) {
        return pieces.empty() ? io_step{} : stream.write_some(pieces);
      },
      std::forward<Token>(token));
  }

private:
  static constexpr std::size_t most_pieces = 64;

  /// Repeats `step` until bytes have moved or the stream has failed.
  template <class Step>
  struct operation {
    byte_stream& stream;
    Step step;
    bool first = true;

    template <class Self>
    void operator()(Self& self, boost::system::error_code failed = {}) {
      if (failed)
        return self.complete(failed, 0);
      const auto moved = step(stream);
      if (moved.count == 0 && moved.wait != io_wait::nothing) {
        first = false;
        return stream.async_wait(moved.wait, std::move(self));
      }
      const auto error
        = moved.count > 0 ? boost::system::error_code{} : moved.error;
      if (!first)
        return self.complete(error, moved.count);
      // Never from inside the call that started the operation.
      boost::asio::post(
        stream.get_executor(),
        boost::beast::bind_front_handler(std::move(self), error, moved.count));
    }

    template <class Self>
    void operator()(Self& self, boost::system::error_code error,
                    std::size_t count) {
      self.complete(error, count);
    }
  };

  template <class Step, class Token>
  auto run(Step step, Token&& token) {
    return boost::asio::async_compose<Token, void(boost::system::error_code,
                                                  std::size_t)>(
      operation<Step>{inner_, std::move(step)}, token, inner_.get_executor());
  }

  byte_stream inner_;
};

} // namespace tidegate
