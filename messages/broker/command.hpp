#pragma once

#include "messages/broker/broker_language.hpp"
#include "messages/message_head.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// A command that came from a broker for a device of this node.
struct broker_command {
  std::string device;
  message_head head; ///< without sender
  std::string payload;

  bool operator==(const broker_command&) const = default;
};

/// What to subscribe to. Only with a template for commands.
std::string command_filter(const broker_language& language);

/// Reads a publication. With an envelope, `payload` is a JSON object with
/// `body` (text) or `bodyBase64`, and perhaps `properties`, named as in a
/// property bag (texts or null); otherwise a property bag may follow the
/// template's last level. Nothing, and what is wrong in `why`, when it is no
/// command.
std::optional<broker_command> read_command(const broker_language& language,
                                           std::string_view topic,
                                           std::string_view payload,
                                           std::string& why);

} // namespace tidegate
