#pragma once

#include "module_client/module_client.hpp"
#include "module_client/module_identity.hpp"

#include <optional>
#include <string>

namespace tidegate::module {

/// The topic that carries `what` to `output`; `created` is its creation time.
std::string event_topic(const module_identity& who, const std::string& output,
                        const message& what,
                        std::chrono::system_clock::time_point created);

/// The filter of all inputs of the module.
std::string inputs_filter(const module_identity& who);

/// A message that came in.
struct input_message {
  std::string input;
  message what;
};

/// Reads the topic of an input message; nothing when it is none.
std::optional<input_message> parse_input(const module_identity& who,
                                         const std::string& topic,
                                         std::string body);

} // namespace tidegate::module
