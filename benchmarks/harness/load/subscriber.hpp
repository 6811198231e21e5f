#pragma once

#include "benchmarks/harness/load/connection.hpp"
#include "benchmarks/harness/load/receiver.hpp"

namespace tidegate::harness {

/// One connection that receives.
class subscriber final : public client_listener {
public:
  subscriber(const stream_factory& streams, client_spec spec, receiver& into,
             connection_observer& observer, bool persistent)
    : connection_(streams, std::move(spec), *this, observer, persistent),
      into_(into) {}

  void start() { connection_.start(); }
  void stop() { connection_.stop(); }

  void on_ready() override { connection_.ready(); }
  void on_acknowledged(std::uint64_t) override {}
  bool on_message(std::string_view payload) override {
    into_.take(payload);
    return true;
  }
  void on_batch_end() override { into_.end_batch(); }
  void on_closed(std::string_view why) override { connection_.closed(why); }

private:
  connection connection_;
  receiver& into_;
};

} // namespace tidegate::harness
