#pragma once

#include "actors/clients/subscription_set.hpp"
#include "messages/delivery.hpp"
#include "messages/identity_id.hpp"
#include "messages/mqtt/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidegate {

/// Turns what routes deliver into PUBLISH packets on a module's inputs, and
/// the module's PUBACKs into answers for the routes (edge-hub spec 1.6 and
/// 1.9). A value of its session; no actor, no clock.
///
/// Packet identifiers count up, so that messages in flight are runs: one entry
/// stands for any number of neighbouring records.
class input_feed {
public:
  /// What may be in flight: given to the client, and not yet acknowledged.
  struct window {
    std::uint32_t messages = 1000; ///< at most 60,000
    std::size_t bytes = 1u << 20;  ///< of payload; one message always goes
  };

  input_feed(identity_id module, window limit);

  /// Takes what a route wants to be delivered; `send` goes on with it.
  void take(const deliver& wish);

  /// Appends a PUBLISH for each waiting message that the window lets through.
  /// What no filter selects, or no packet can hold, is answered as poison;
  /// quality 0 is answered as done at once, but its bytes count until
  /// `drained`.
  void send(const subscription_set& subscriptions, std::string& out);

  /// Appends a PUBLISH that no route waits for, at quality 1. False when it
  /// does not fit into a packet. A `command` is one that somebody else waits
  /// for: `take_commands` counts it.
  bool publish(mqtt::publish packet, bool command, std::string& out);

  /// How many commands were acknowledged since the last call.
  std::uint32_t take_commands() { return std::exchange(commands_, 0u); }

  /// The client acknowledged `packet_id`. Out of order it is ignored, and
  /// false is returned.
  bool acknowledge(std::uint16_t packet_id);

  /// Answers everything taken and not yet answered with "retry".
  void give_up();

  /// To be called when `send` gets other subscriptions than before.
  void subscriptions_changed();

  struct answer {
    caf::actor route;
    delivered ranges;
  };
  /// What routes are to be told since the last call.
  std::vector<answer> take_answers();

  /// Everything that was sent has left for the client.
  void drained() { undrained_bytes_ = 0; }

  /// Whether `drained` is what more messages wait for.
  bool wants_drained() const {
    return !waiting_.empty() && undrained_bytes_ >= limit_.bytes;
  }

  std::uint32_t in_flight() const { return in_flight_; }

private:
  /// A topic as this client knows a message's head under.
  struct known_topic {
    head_ptr head;
    std::string topic;
    std::optional<mqtt::qos> quality; ///< nothing: no filter selects it
  };
  struct origin {
    caf::actor route;
    std::string input;
    std::vector<known_topic> topics;
    std::size_t last_topic = 0;
  };
  struct waiting_item {
    std::size_t source = 0;
    delivery item;
  };
  /// Records [next, end) of a block, the first under packet id `id`. Without
  /// a block: one packet that no route waits for; a command if its block says
  /// that it begins at `command_mark`.
  struct run {
    std::size_t source = 0;
    delivery item; ///< `from` is the first record not acknowledged
    std::uint16_t id = 0;
  };

  std::size_t source_of(const deliver& wish);
  const known_topic& topic_of(origin& from, const head_ptr& head,
                              const subscription_set& subscriptions);
  bool has_room() const;
  void send_one(waiting_item& next, const subscription_set& subscriptions,
                std::string& out);
  void remember(const waiting_item& sent, std::uint16_t id);
  void tell(std::size_t source, const delivery& item, std::uint32_t count,
            delivery_result result);
  std::uint16_t take_id();

  identity_id module_;
  window limit_;
  std::vector<origin> sources_;
  std::deque<waiting_item> waiting_;
  std::deque<run> runs_;
  std::vector<answer> answers_;
  std::uint32_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::size_t undrained_bytes_ = 0; ///< at quality 0
  std::uint32_t commands_ = 0;      ///< acknowledged and not told
  std::uint16_t next_id_ = 1;
};

/// The quality a message asks for: 1, unless its property `mqtt-qos` says 0
/// (edge-hub spec 1.9).
mqtt::qos wanted_quality(const message_head& head);

} // namespace tidegate
