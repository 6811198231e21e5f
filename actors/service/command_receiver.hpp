#pragma once

#include "actors/service/service_link.hpp"

namespace tidegate {

/// A link on which a service sends messages for devices. Each is accepted once
/// it lies on disk.
class command_receiver final : public service_link {
public:
  /// Messages that are being stored at once.
  static constexpr int credit = 100;

  command_receiver(service_link_context& context, pn_link_t* link);

  void take(pn_delivery_t* delivery, const bytes& encoded) override;

private:
  void refuse(pn_delivery_t* delivery, const caf::error& why);
};

} // namespace tidegate
