#pragma once

#include "messages/amqp/sections.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::amqp {

/// Largest transfer, batched or not: body, properties and application
/// properties together (edge-hub spec 2.6).
inline constexpr std::size_t largest_transfer = 614'400;

/// The messages of a batch, or the one message that `encoded` is.
///
/// Proton does not show a transfer's message format, so a batch (format
/// 0x80013700) is recognised by what it holds: data sections only, nothing in
/// front that a sender of one message would set, and every section a complete
/// encoded message with a body.
struct batch {
  std::vector<message_sections> messages;
  bool is_batch = false;
};

/// Splits a transfer into its messages; `out` is reused. On damage returns
/// false and says in `why` what is wrong.
bool split_batch(std::string_view encoded, batch& out, std::string& why);

/// Whether a batch may carry a message of `encoded_size` bytes more: keeps
/// what `largest_transfer` allows.
bool fits_batch(std::size_t batch_size, std::size_t encoded_size);

} // namespace tidegate::amqp
