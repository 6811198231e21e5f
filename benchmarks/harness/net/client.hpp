#pragma once

#include "benchmarks/harness/figures/stamp.hpp"
#include "benchmarks/harness/net/client_stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tidegate::harness {

enum class protocol : std::uint8_t { mqtt, amqp };

/// What a client does.
enum class role : std::uint8_t {
  publish,
  subscribe,
  relay,  ///< both
  idle,   ///< neither
  twin,   ///< asks for its twin: what it publishes are questions
  report, ///< reports properties: what it publishes are reports
  answer, ///< answers calls of methods
  call    ///< calls methods over HTTPS: what it publishes are calls
};

/// Everything one client needs to connect.
struct client_spec {
  endpoint to;
  protocol speaks = protocol::mqtt;
  role does = role::publish;
  std::string client_id;
  std::string user_name;
  std::string password;
  /// Where to publish: an MQTT topic or an AMQP address.
  std::string output;
  /// AMQP: which output of a module it is (MQTT topics say so themselves).
  std::string output_name;
  /// What to subscribe to: an MQTT filter or an AMQP address.
  std::string input;
  /// MQTT: the server is to forget this client when it goes.
  bool clean_session = true;
  /// Publishers: most messages on their way and not acknowledged.
  std::uint16_t window = 1;
  /// Publishers: bytes per message, at least `smallest_payload`.
  std::size_t payload_size = smallest_payload;
};

/// A message that a node may not take: what is too much of it. A topic is too
/// long only for what goes to a module, whose input has a longer one.
enum class offence : std::uint8_t { payload, properties, topic };

inline constexpr std::size_t offences = 3;

/// What happens on a connection, told on the thread of its `io_context`. A
/// client may be dropped from within any of these.
class client_listener {
public:
  virtual ~client_listener() = default;
  /// Connected and, for a subscriber, subscribed.
  virtual void on_ready() = 0;
  /// The server is now responsible for message `number`.
  virtual void on_acknowledged(std::uint64_t number) = 0;
  /// The server has answered what `client::offend` sent; `taken` is wrong.
  /// Whether it says so or closes the connection is the protocol's.
  virtual void on_offence_answered(bool /*taken*/) {}
  /// A message has come. True: it is acknowledged now. False: it waits for
  /// `client::acknowledge`.
  virtual bool on_message(std::string_view payload) = 0;
  /// Everything that came with one read has been told.
  virtual void on_batch_end() = 0;
  /// The connection is gone, with the reason; nothing follows.
  virtual void on_closed(std::string_view why) = 0;
};

/// One connection of the load generator. Not thread-safe.
class client {
public:
  virtual ~client() = default;

  virtual void open() = 0;
  /// Queues one message at quality of service 1, with the next higher number
  /// than the one before it on this connection; `flush` sends what is queued
  /// in one write. False when the server takes no more for now.
  virtual bool publish(std::uint64_t number, const stamp& what) = 0;
  /// Queues a message that the server may not take. False when it takes none
  /// at all for now, or such a message is under way.
  virtual bool offend(offence) { return false; }
  /// Acknowledges the oldest message that waits for it; `flush` sends.
  virtual void acknowledge() = 0;
  virtual void flush() = 0;
  /// Ends the connection without a word or a further callback.
  virtual void close() = 0;
};

/// More than a message may have, whatever its node is configured to.
inline constexpr std::size_t too_many_bytes = 262'144 + 1;
inline constexpr std::size_t too_many_properties = 513;
/// Bytes of the longest topic that MQTT can say.
inline constexpr std::size_t longest_topic = 65'535;

/// A client for `spec`, which tells `listener` until it is closed.
std::shared_ptr<client> make_client(const stream_factory& streams,
                                    client_spec spec,
                                    client_listener& listener);

} // namespace tidegate::harness
