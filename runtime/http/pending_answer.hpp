#pragma once

#include "runtime/http/chunk_writer.hpp"
#include "runtime/net/io_loop.hpp"

namespace tidegate::http {

/// Where answers to a connection's requests arrive, on the loop's thread. An
/// answer to a request that is no longer waited for does nothing.
class answerable {
public:
  virtual void answer(std::uint64_t request, response with) = 0;
  virtual void answer(std::uint64_t request, std::shared_ptr<chunk_writer> with,
                      unsigned status, const std::string& content_type)
    = 0;

  /// The request's answer is not wanted any more when its peer ends the
  /// connection.
  virtual void when_closed(std::uint64_t request, std::function<void()> then)
    = 0;

protected:
  ~answerable() = default;
};

/// Which request an answer is for.
struct asker {
  std::weak_ptr<answerable> connection;
  std::uint64_t request = 0;
  bool http_1_1 = true;
  std::chrono::milliseconds stall_timeout{};
};

/// Carries the answer from the handler's thread to the connection.
std::shared_ptr<exchange> make_pending_answer(io_loop& loop, asker from);

} // namespace tidegate::http
