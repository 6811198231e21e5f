#pragma once

#include "messages/c2d_messages.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// What a queue knows of one cloud-to-device message beside its contents.
struct c2d_record {
  std::string device;
  std::uint64_t sequence = 0; ///< grows over all devices, never repeats
  /// Of the device's identity: a device made anew gets nothing that was meant
  /// for the one before.
  std::string generation;
  std::string message_id; ///< what the sender called it; may be empty
  wall_time enqueued{};
  wall_time expires = no_expiry;
  c2d_ack ack = c2d_ack::none;
  std::uint32_t delivery_count = 0; ///< attempts that have ended without effect
  std::uint64_t size = 0;           ///< bytes of payload

  bool operator==(const c2d_record&) const = default;
};

/// How the life of a message ended.
enum class c2d_fate : std::uint8_t {
  success, ///< the device has taken it
  expired,
  delivery_count_exceeded,
  rejected, ///< by the device
  purged    ///< by the operator
};

/// What a sender that asked for it is told of the fate of its message. Kept
/// until it is read.
struct c2d_feedback {
  c2d_record of;
  c2d_fate fate = c2d_fate::success;
  wall_time at{};

  bool operator==(const c2d_feedback&) const = default;
};

/// As IoT Hub calls it: `Success`, `DeliveryCountExceeded`, ...
std::string_view to_string(c2d_fate fate);

/// The device and the number are the key that a record is stored under; the
/// rest is its text: u8 version 1, texts generation and message id, varints
/// enqueued, expires (milliseconds since 1970; 0 = never), u8 ack, varints
/// delivery count and size.
std::string encode_c2d(const c2d_record& record);

/// Nothing when the text is not well formed.
std::optional<c2d_record> decode_c2d(std::string device, std::uint64_t sequence,
                                     std::string_view text);

/// Text device, the record's text, u8 fate, varint time.
std::string encode_feedback(const c2d_feedback& feedback);
std::optional<c2d_feedback> decode_feedback(std::uint64_t sequence,
                                            std::string_view text);

} // namespace tidegate
