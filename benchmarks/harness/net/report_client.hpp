#pragma once

#include "benchmarks/harness/net/mqtt_connection.hpp"

namespace tidegate::harness {

/// Each of its messages reports its number as the property `n`, and is
/// acknowledged by the answer. What the client is told of its desired
/// properties, all of them when it connects and then the changes, are messages
/// to the listener, JSON objects (edge-hub spec 1.11).
class report_client final : public mqtt_connection {
public:
  report_client(const stream_factory& streams, client_spec spec,
                client_listener& listener);

  bool publish(std::uint64_t number, const stamp& what) override;
  void acknowledge() override {}

private:
  void subscribed() override;
  bool handle_publish(const mqtt::publish& packet) override;
};

} // namespace tidegate::harness
