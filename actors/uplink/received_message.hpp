#pragma once

#include "messages/bytes.hpp"

#include <optional>

struct pn_delivery_t;

namespace tidegate {

/// A message that the parent has sent, once all of it is here; it is off the
/// link then, and not settled.
struct received_message {
  enum class state {
    incomplete, ///< or nothing new
    whole,
    too_large ///< the parent sends more than this node takes
  };
  state is = state::incomplete;
  bytes encoded;
};

received_message take_message(pn_delivery_t* delivery);

/// Gives the parent credit again, when half of `most` is used up.
void top_up(pn_delivery_t* delivery, int most);

} // namespace tidegate
