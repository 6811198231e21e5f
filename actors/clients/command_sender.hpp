#pragma once

#include "messages/c2d_messages.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// A link that a device takes messages from the cloud on (edge-hub spec 2.4,
/// 2.5, 2.7). They wait here for the device's credit, then for its outcome.
class command_sender {
public:
  /// At most `most` messages wait for the device's outcome.
  command_sender(pn_link_t* link, identity_id device, std::size_t most)
    : link_{link}, device_{std::move(device)}, most_{most} {}

  /// Takes a message. Call `pump` afterwards.
  void take(c2d_message message) { waiting_.push_back(std::move(message)); }

  /// Sends as much as there is credit for, and the bound allows.
  void pump();

  /// The device has said something about `delivery`; what it has decided, if
  /// that is final.
  std::optional<c2d_decided> decided(pn_delivery_t* delivery);

  /// The locks of everything that is not decided.
  std::vector<std::string> give_up();

private:
  struct sent {
    pn_delivery_t* delivery;
    std::string lock_token;
  };

  void send(const c2d_message& message);

  pn_link_t* link_;
  identity_id device_;
  std::size_t most_;
  std::deque<c2d_message> waiting_;
  std::vector<sent> unsettled_; ///< few: a device has a short queue
};

} // namespace tidegate
