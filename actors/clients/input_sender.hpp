#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "messages/delivery.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// A link that a module takes its inputs from (edge-hub spec 2.4, 2.5, 2.7).
/// What routes give it waits here for the client's credit; what was sent
/// waits for the client's outcome.
class input_sender {
public:
  explicit input_sender(pn_link_t* link);

  /// Takes records from a route. Call `pump` afterwards.
  void take(const deliver& from);

  /// Sends as much as credit and the bound on unsettled bytes allow.
  void pump();

  /// The client has decided about `delivery`.
  void decided(pn_delivery_t* delivery, delivery_answers& answers);

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
    bool settled;
  };

  void send(const waiting& from, std::uint32_t record);
  const std::string& front_of(const head_ptr& head, const std::string& input);

  pn_link_t* link_;
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
