#pragma once

#include "benchmarks/harness/net/in_flight.hpp"
#include "benchmarks/harness/net/mqtt_connection.hpp"

#include <deque>

namespace tidegate::harness {

/// Sends or takes messages with as little work for each as there can be: a
/// publisher stamps copies of one prepared packet.
class mqtt_client final : public mqtt_connection {
public:
  mqtt_client(const stream_factory& streams, client_spec spec,
              client_listener& listener);

  void open() override;
  bool publish(std::uint64_t number, const stamp& what) override;
  bool offend(offence how) override;
  void acknowledge() override;

private:
  void prepare();
  bool handle_publish(const mqtt::publish& packet) override;
  bool handle_puback(std::uint16_t packet_id) override;

  in_flight in_flight_;
  std::deque<std::uint16_t> unacknowledged_; ///< came and wait for it
  std::string packet_; ///< the prepared PUBLISH; empty: there can be none
  std::size_t packet_id_at_ = 0;
  std::size_t stamp_at_ = 0;
  bool offending_ = false;
};

} // namespace tidegate::harness
