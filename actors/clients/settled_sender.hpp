#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

struct pn_link_t;

namespace tidegate {

/// A link that this hub sends settled messages on, at most once each: answers
/// about twins, desired properties, calls of methods (edge-hub spec 2.4).
/// They wait here for the client's credit.
class settled_sender {
public:
  static constexpr std::size_t most_waiting = 100;
  static constexpr std::size_t most_bytes = 1u << 20;

  explicit settled_sender(pn_link_t* link) : link_{link} {}

  /// Sends an encoded message, or keeps it until there is credit. False when
  /// too much waits already; the message is lost then.
  [[nodiscard]] bool send(std::string encoded);

  /// Sends as much as there is credit for.
  void pump();

private:
  pn_link_t* link_;
  std::deque<std::string> waiting_;
  std::size_t bytes_ = 0; ///< of `waiting_`
  std::uint64_t next_tag_ = 0;
};

} // namespace tidegate
