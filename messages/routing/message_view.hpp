#pragma once

#include "messages/message_head.hpp"
#include "messages/routing/body_path.hpp"
#include "messages/routing/scratch.hpp"
#include "messages/routing/value.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace tidegate::routing {

/// One message as conditions see it: properties by name, values in the body.
/// Refers to all it is made from; use one per message, and ask it only
/// conditions of one table or such as belong to none.
class message_view {
public:
  /// A message with its payload. `edge_device` is the device that this node
  /// is.
  message_view(const message_head& head, std::string_view payload,
               std::string_view edge_device, scratch& memory);

  /// Any message with this head. What the head does not tell is undefined,
  /// and asking for it makes the answer `incomplete`.
  message_view(const message_head& head, std::string_view edge_device,
               scratch& memory);

  /// A user property (any case).
  text_value user_property(std::string_view name) const;
  /// A system property (any case).
  text_value system_property(std::string_view name) const;
  /// The GUID of this message, the same one each time.
  text_value message_id();
  /// `internal` for what this device and its modules sent, else `downstream`
  /// (edge-hub spec 4.1).
  text_value origin() const;
  body_value body(const body_query& query);

  /// True when more than the head was asked for since the last call.
  bool take_incomplete() { return std::exchange(incomplete_, false); }
  arena& room() { return memory_.room; }

private:
  void settle_body();

  const message_head& head_;
  std::string_view edge_device_;
  scratch& memory_;
  std::string_view payload_;
  bool head_only_;
  bool incomplete_ = false;
  bool body_settled_ = false;
  bool queryable_ = false; ///< once settled: body queries may look into it
  std::optional<std::string_view> message_id_;
};

} // namespace tidegate::routing
