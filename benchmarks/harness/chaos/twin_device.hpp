#pragma once

#include "benchmarks/harness/load/connection.hpp"

#include <cstdint>
#include <optional>

namespace tidegate::harness {

/// A device that reports numbers, one at a time, and knows which it is to be.
/// It connects again by itself, and then reports again what was not
/// acknowledged.
class twin_device final : public client_listener {
public:
  twin_device(const stream_factory& streams, client_spec spec,
              connection_observer& observer);

  void start() { connection_.start(); }
  void stop() { connection_.stop(); }

  /// Reports `n`, or the last such number when it can.
  void report(std::uint64_t n);

  const std::string& id() const { return connection_.spec().client_id; }
  /// The last number whose report was acknowledged.
  std::optional<std::uint64_t> acknowledged() const { return acknowledged_; }
  std::uint64_t reports() const { return reports_; }
  /// `n` of the desired properties, as far as it was told.
  std::uint64_t desired() const { return desired_; }

  void on_ready() override;
  void on_acknowledged(std::uint64_t n) override;
  bool on_message(std::string_view payload) override;
  void on_batch_end() override {}
  void on_closed(std::string_view why) override;

private:
  void send();

  connection connection_;
  std::optional<std::uint64_t> wanted_;
  std::optional<std::uint64_t> acknowledged_;
  bool under_way_ = false;
  std::uint64_t reports_ = 0; ///< acknowledged
  std::uint64_t desired_ = 0;
};

} // namespace tidegate::harness
