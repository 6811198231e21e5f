#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "messages/delivery.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// A link that a module takes its inputs from (edge-hub spec 2.4, 2.5, 2.7).
/// What routes give it waits here for the client's credit; what was sent
/// waits for the client's outcome.
class input_sender {
public:
  using clock = std::chrono::steady_clock;

  /// What the client may leave unsettled: bytes, about, and messages.
  struct bounds {
    std::size_t bytes = 1u << 20;
    std::size_t messages = std::numeric_limits<std::size_t>::max();
  };

  input_sender(pn_link_t* link, bounds most);

  /// Takes records from a route. Call `pump` afterwards.
  void take(const deliver& from);

  /// Sends as much as credit and the bounds allow.
  void pump(clock::time_point now);

  /// The client has decided about `delivery`.
  void decided(pn_delivery_t* delivery, delivery_answers& answers);

  /// When the oldest message that is not settled was sent.
  std::optional<clock::time_point> waits_since() const;

  /// Takes back everything that was sent and is not settled: the routes will
  /// send it again.
  void take_back(delivery_answers& answers);

private:
  struct waiting {
    caf::actor route;
    std::string input;
    delivery item;
  };
  struct sent {
    caf::actor route;
    lane_id lane;
    std::uint64_t offset;
    std::size_t size;
    pn_delivery_t* delivery; ///< null once it is settled
    clock::time_point at;
  };

  void send(const waiting& from, std::uint32_t record, clock::time_point now);
  void settle(sent& record, delivery_result result, delivery_answers& answers);
  void drop_settled();
  const std::string& front_of(const head_ptr& head, const std::string& input);

  pn_link_t* link_;
  bounds most_;
  std::deque<waiting> queue_;
  std::deque<sent> unsettled_; ///< by sequence number, from `first_` on
  std::uint64_t first_ = 0;
  std::size_t unsettled_bytes_ = 0;
  std::array<char, 16> tag_; ///< a random half, then a sequence number
  head_ptr last_head_;       ///< what `front_` was written for
  std::string last_input_;
  std::string front_;
  std::string data_header_;
};

} // namespace tidegate
