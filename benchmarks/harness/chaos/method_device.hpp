#pragma once

#include "benchmarks/harness/load/connection.hpp"

#include <cstdint>
#include <map>

namespace tidegate::harness {

/// A device whose method answers with the number it is called with, and which
/// remembers these. It connects again by itself.
class method_device final : public client_listener {
public:
  method_device(const stream_factory& streams, client_spec spec,
                connection_observer& observer)
    : connection_{streams, std::move(spec), *this, observer, true} {}

  void start() { connection_.start(); }
  void stop() { connection_.stop(); }

  const std::string& id() const { return connection_.spec().client_id; }
  /// How often it was called with each number.
  const std::map<std::uint64_t, unsigned>& calls() const { return calls_; }

  void on_ready() override { connection_.ready(); }
  void on_acknowledged(std::uint64_t) override {}
  bool on_message(std::string_view payload) override;
  void on_batch_end() override {}
  void on_closed(std::string_view why) override { connection_.closed(why); }

private:
  connection connection_;
  std::map<std::uint64_t, unsigned> calls_;
};

} // namespace tidegate::harness
