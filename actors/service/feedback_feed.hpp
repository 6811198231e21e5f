#pragma once

#include "actors/c2d/queue_messages.hpp"
#include "actors/service/service_link.hpp"

#include <vector>

namespace tidegate {

/// A link on which a service learns what became of messages for devices: a
/// batch of records at a time, which are forgotten once it has accepted or
/// rejected them. Two readers may get the same records.
class feedback_feed final : public service_link {
public:
  /// Records in one message.
  static constexpr std::size_t batch = 64;

  using service_link::service_link;

  void granted() override { look(); }
  void decided(pn_delivery_t* delivery) override;
  void wake() override { look(); }

private:
  void look();
  void send(const std::vector<c2d_feedback>& records);

  bool looking_ = false;
  pn_delivery_t* sent_ = nullptr;   ///< not decided yet
  std::vector<std::uint64_t> told_; ///< what `sent_` is about
  std::uint64_t next_tag_ = 0;
};

} // namespace tidegate
