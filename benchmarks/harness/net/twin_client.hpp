#pragma once

#include "benchmarks/harness/net/mqtt_connection.hpp"

namespace tidegate::harness {

/// Each of its messages asks for the client's twin, and is acknowledged by
/// the answer (edge-hub spec 1.11).
class twin_client final : public mqtt_connection {
public:
  twin_client(const stream_factory& streams, client_spec spec,
              client_listener& listener);

  bool publish(std::uint64_t number, const stamp& what) override;
  void acknowledge() override {}

private:
  bool handle_publish(const mqtt::publish& packet) override;

  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

/// Answers each call of a method at once, with what it was called with
/// (edge-hub spec 1.12).
class method_client final : public mqtt_connection {
public:
  method_client(const stream_factory& streams, client_spec spec,
                client_listener& listener);

  bool publish(std::uint64_t, const stamp&) override { return false; }
  void acknowledge() override {}

private:
  bool handle_publish(const mqtt::publish& packet) override;
};

} // namespace tidegate::harness
