#include "storage/c2d_record.hpp"

#include "messages/binary.hpp"

namespace tidegate {

namespace {

constexpr char record_version = 1;

void put_time(std::string& out, wall_time at) {
  const auto count = at.time_since_epoch().count();
  put_varint(
    out, at == no_expiry || count < 0 ? 0 : static_cast<std::uint64_t>(count));
}

wall_time take_time(binary_reader& in) {
  return wall_time{
    std::chrono::milliseconds{static_cast<std::int64_t>(in.varint())}};
}

} // namespace

std::string_view to_string(c2d_fate fate) {
  switch (fate) {
  case c2d_fate::success:
    return "Success";
  case c2d_fate::expired:
    return "Expired";
  case c2d_fate::delivery_count_exceeded:
    return "DeliveryCountExceeded";
  case c2d_fate::rejected:
    return "Rejected";
  case c2d_fate::purged:
    return "Purged";
  }
  return "";
}

std::string encode_c2d(const c2d_record& record) {
  std::string out{record_version};
  put_text(out, record.generation);
  put_text(out, record.message_id);
  put_time(out, record.enqueued);
  put_time(out, record.expires);
  out += static_cast<char>(record.ack);
  put_varint(out, record.delivery_count);
  put_varint(out, record.size);
  return out;
}

std::optional<c2d_record> decode_c2d(std::string device, std::uint64_t sequence,
                                     std::string_view text) {
  binary_reader in{text};
  if (in.u8() != record_version)
    return std::nullopt;
  c2d_record made;
  made.device = std::move(device);
  made.sequence = sequence;
  made.generation = in.text();
  made.message_id = in.text();
  made.enqueued = take_time(in);
  const auto expires = take_time(in);
  made.expires = expires == wall_time{} ? no_expiry : expires;
  const auto ack = in.u8();
  made.ack = static_cast<c2d_ack>(ack);
  made.delivery_count = static_cast<std::uint32_t>(in.varint());
  made.size = in.varint();
  if (!in.ok() || in.left() > 0
      || ack > static_cast<std::uint8_t>(c2d_ack::full))
    return std::nullopt;
  return made;
}

std::string encode_feedback(const c2d_feedback& feedback) {
  std::string out;
  put_text(out, feedback.of.device);
  put_text(out, encode_c2d(feedback.of));
  out += static_cast<char>(feedback.fate);
  put_time(out, feedback.at);
  return out;
}

std::optional<c2d_feedback> decode_feedback(std::uint64_t sequence,
                                            std::string_view text) {
  binary_reader in{text};
  std::string device{in.text()};
  auto record = decode_c2d(std::move(device), sequence, in.text());
  const auto fate = in.u8();
  const auto at = take_time(in);
  if (!record || !in.ok() || in.left() > 0
      || fate > static_cast<std::uint8_t>(c2d_fate::purged))
    return std::nullopt;
  return c2d_feedback{std::move(*record), static_cast<c2d_fate>(fate), at};
}

} // namespace tidegate
