#pragma once

#include "runtime/http/responder.hpp"

#include <memory>

/// Keeps what a handler answers.
struct recorded_answer final : tidegate::http::exchange {
  tidegate::http::response got{0, {}};

  void send(tidegate::http::response answer) override {
    if (got.status == 0)
      got = std::move(answer);
  }

  std::function<void()> gone; ///< what hears that the peer has left

  void when_closed(std::function<void()> then) override {
    gone = std::move(then);
  }

  tidegate::http::body_stream_ptr
  stream(unsigned, std::string, tidegate::http::stream_events) override {
    return nullptr;
  }
};

/// Asks `handle` and returns its answer; status 0 when there is none yet.
inline tidegate::http::response ask(const tidegate::http::handler& handle,
                                    const tidegate::http::request& asked) {
  const auto answer = std::make_shared<recorded_answer>();
  handle(asked, tidegate::http::responder{answer});
  return answer->got;
}
