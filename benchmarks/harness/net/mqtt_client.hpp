#pragma once

#include "benchmarks/harness/net/client.hpp"
#include "benchmarks/harness/net/in_flight.hpp"
#include "messages/mqtt/decode.hpp"

#include <deque>
#include <vector>

namespace tidegate::harness {

/// A client that speaks MQTT 3.1.1 with as little work per message as there
/// can be: a publisher stamps copies of one prepared packet, a subscriber
/// reads in place, and everything that one read led to leaves in one write.
class mqtt_client final : public client,
                          public std::enable_shared_from_this<mqtt_client> {
public:
  mqtt_client(const stream_factory& streams, client_spec spec,
              client_listener& listener);

  void open() override;
  bool publish(std::uint64_t number, const stamp& what) override;
  void acknowledge() override;
  void flush() override;
  void close() override;

private:
  bool publishes() const {
    return spec_.does == role::publish || spec_.does == role::relay;
  }
  bool subscribes() const {
    return spec_.does == role::subscribe || spec_.does == role::relay;
  }
  void prepare();
  void send_connect();
  void read();
  void read_done(std::size_t count);
  /// False once the connection is of no more use.
  bool handle(const mqtt::raw_packet& packet);
  bool handle_connack(const mqtt::raw_packet& packet);
  bool handle_suback(const mqtt::raw_packet& packet);
  bool handle_publish(const mqtt::raw_packet& packet);
  bool handle_puback(const mqtt::raw_packet& packet);
  bool fail(std::string_view why);

  client_spec spec_;
  client_listener& listener_;
  std::unique_ptr<client_stream> stream_;
  in_flight in_flight_;
  std::deque<std::uint16_t> unacknowledged_; ///< came and wait for it
  std::string packet_;                       ///< the prepared PUBLISH
  std::size_t packet_id_at_ = 0;
  std::size_t stamp_at_ = 0;
  std::vector<char> input_;
  std::size_t filled_ = 0;
  std::string output_;  ///< queued
  std::string sending_; ///< with the socket
  bool writing_ = false;
  bool closed_ = false;
};

} // namespace tidegate::harness
