#pragma once

#include "benchmarks/harness/net/client.hpp"
#include "messages/mqtt/decode.hpp"

#include <vector>

namespace tidegate::harness {

/// What every MQTT 3.1.1 client of the harness has in common: it connects,
/// subscribes if it wants to, reads in place, and everything
/// that one read led to leaves in one write.
class mqtt_connection : public client,
                        public std::enable_shared_from_this<mqtt_connection> {
public:
  void open() override;
  void flush() override;
  void close() override;

protected:
  /// `filters` are what to subscribe to, if anything; `input_size` bytes are
  /// read at a time, more when a packet is larger.
  mqtt_connection(const stream_factory& streams, client_spec spec,
                  client_listener& listener, std::vector<std::string> filters,
                  std::size_t input_size);

  /// Connected, and subscribed to all filters.
  virtual void subscribed() { listener_.on_ready(); }

  /// Each is false once the connection is of no more use.
  virtual bool handle_publish(const mqtt::publish& packet) = 0;
  virtual bool handle_puback(std::uint16_t) { return !closed_; }
  bool fail(std::string_view why);

  const client_spec& spec() const { return spec_; }
  client_listener& listener() { return listener_; }
  std::string& output() { return output_; } ///< queued, for `flush`
  bool closed() const { return closed_; }

private:
  void send_connect();
  void read();
  void read_done(std::size_t count);
  bool handle(const mqtt::raw_packet& packet);
  bool handle_connack(const mqtt::raw_packet& packet);
  bool handle_suback(const mqtt::raw_packet& packet);

  client_spec spec_;
  client_listener& listener_;
  std::vector<std::string> filters_;
  std::unique_ptr<client_stream> stream_;
  std::vector<char> input_;
  std::size_t filled_ = 0;
  std::string output_;
  std::string sending_; ///< with the socket
  bool writing_ = false;
  bool closed_ = false;
};

} // namespace tidegate::harness
