#pragma once

#include "messages/identity_id.hpp"
#include "messages/twin/client_list.hpp"
#include "messages/twin/pending_patch.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::twin {

/// Collects what a node reports of itself in its own twin (edge-hub spec
/// 10.3), until it is taken and sent. Where not all clients have room there,
/// `clientCount` says how many are `known`, `connected` and `shown`.
class hub_report {
public:
  /// Room for clients: Azure IoT Hub takes 32 KiB of reported properties.
  static constexpr std::size_t room_for_clients = 24'576;

  /// `version` is the program's; `room` is for the text of clients, in bytes.
  /// A report begins by forgetting the clients of the last run.
  explicit hub_report(std::string version, std::size_t room = room_for_clients);

  /// The desired properties with `$version` `of` were read: `code` 200, or
  /// what was wrong with them.
  void configuration(std::int64_t of, int code, std::string_view description);
  /// `now` is an ISO 8601 text.
  void connected(const identity_id& client, const std::string& now);
  void disconnected(const identity_id& client, const std::string& now);

  /// What was taken did not get there: clients are reported anew.
  void lost();

  bool empty() const { return collected_.empty() && !clients_.changed(); }
  /// The patches to report, in this order.
  std::vector<std::string> take();

private:
  void count_clients();

  std::string version_;
  client_list clients_;
  /// What was last said of them; nothing while all are shown.
  std::optional<client_list::counts> counted_;
  pending_patch collected_;
};

} // namespace tidegate::twin
