#pragma once

#include "messages/amqp/sections.hpp"
#include "messages/iothub/auth_method.hpp"
#include "messages/message_head.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// The most application properties, and the most annotations, that a message
/// may have: names are compared with each other.
inline constexpr std::uint32_t most_properties = 512;

/// Whether a message has more than `most_properties`, before any is read.
bool has_too_many_properties(const message_sections& from);

/// How many application properties a message with `head` has on its way up.
std::size_t application_properties(const message_head& head);

/// The head of a message that `sender` has sent (edge-hub spec 2.5). The ids
/// come from `sender`, never from the message; scalar application properties
/// become text, others have no value. `model_id` is what the link said, empty
/// for nothing, `method` by what it was let in. On a damaged map or list
/// returns null and says so in `why`.
head_ptr read_head(const message_sections& from, const identity_id& sender,
                   std::string_view model_id, std::string& why,
                   auth_method method = auth_method::untold);

/// The head of a message from the cloud to a device; it has no sender. What the
/// delivery added is among its system properties (`write_command_head`).
std::shared_ptr<message_head> read_command_head(const message_sections& from,
                                                std::string& why);

/// The content of all data sections. One section, which is nearly every
/// message, is returned in place; several are joined in `joined`. An
/// amqp-value counts as body when it is a binary or a text.
std::string_view read_body(const message_sections& from, std::string& joined);

/// Appends what stands in front of the body when a message with `head` goes
/// to the parent in the name of its sender.
void write_upstream_head(std::string& out, const message_head& head);

/// Appends what stands in front of the body when a message with `head` goes
/// to a module's `input`.
void write_input_head(std::string& out, const message_head& head,
                      std::string_view input);

/// Appends what stands in front of the body when a message with `head` goes
/// from the cloud to a device. What the delivery adds (`lockToken`,
/// `deliveryCount`, `sequenceNumber`, `enqueuedTime`, `to`) is in `head`.
void write_command_head(std::string& out, const message_head& head);

/// Appends what stands in front of the body when an event goes to a reader of
/// the hub's log, as Event Hubs has it: `sequence` is its place there.
void write_event_head(std::string& out, const message_head& head,
                      std::uint64_t sequence, std::int64_t enqueued);

/// Appends the header of a data section whose `size` bytes follow it.
void write_data_header(std::string& out, std::size_t size);

} // namespace tidegate::amqp
