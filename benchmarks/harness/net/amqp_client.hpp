#pragma once

#include "benchmarks/harness/net/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <proton/connection_driver.h>
#include <vector>

namespace tidegate::harness {

/// A client that speaks AMQP 1.0 on Proton's bare connection engine: one
/// session, one link each way at most, SASL PLAIN. A publisher sends copies of
/// one message that was encoded once, stamped anew.
class amqp_client final : public client,
                          public std::enable_shared_from_this<amqp_client> {
public:
  amqp_client(const stream_factory& streams, client_spec spec,
              client_listener& listener);
  ~amqp_client() override;
  amqp_client(const amqp_client&) = delete;
  amqp_client& operator=(const amqp_client&) = delete;

  void open() override;
  bool publish(std::uint64_t number, const stamp& what) override;
  bool offend(offence how) override;
  void acknowledge() override;
  void flush() override;
  void close() override;

private:
  void prepare();
  void introduce();
  void read();
  void read_done(std::size_t count);
  /// Tells Proton the time, so that it says something before the server's
  /// idle timeout.
  void tick();
  /// Deals with what Proton has to tell; false once the client is of no use.
  bool dispatch();
  bool handle(pn_event_t* event);
  bool handle_delivery(pn_delivery_t* delivery);
  bool handle_outcome(pn_delivery_t* delivery);
  bool handle_arrival(pn_delivery_t* delivery);
  bool fail(std::string_view why);

  client_spec spec_;
  client_listener& listener_;
  std::unique_ptr<client_stream> stream_;
  boost::asio::steady_timer ticker_;
  pn_connection_driver_t driver_{};
  pn_link_t* sender_ = nullptr;
  pn_link_t* receiver_ = nullptr;
  std::deque<pn_delivery_t*> unacknowledged_; ///< came and wait for it
  std::string message_;                       ///< encoded
  std::size_t stamp_at_ = 0;
  std::size_t in_flight_ = 0;
  std::vector<char> input_;
  std::string arrived_;
  std::string sending_;
  bool writing_ = false;
  bool offending_ = false;
  bool ready_ = false;
  bool closed_ = false;
};

} // namespace tidegate::harness
