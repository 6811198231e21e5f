#include "storage/time_mark.hpp"

#include "messages/binary.hpp"

#include <algorithm>

namespace tidegate {

namespace {

constexpr std::uint8_t mark_version = 1;

using std::chrono::milliseconds;

milliseconds passed_since(const clock_reading& then, const clock_reading& now) {
  const bool same_boot = !then.boot.empty() && then.boot == now.boot
                         && now.since_boot >= then.since_boot;
  return same_boot ? now.since_boot - then.since_boot
                   : std::max(now.wall - then.wall, now.since_boot);
}

void put_signed(std::string& out, std::int64_t value) {
  put_varint(out, static_cast<std::uint64_t>(value));
}

std::int64_t take_signed(binary_reader& in) {
  return static_cast<std::int64_t>(in.varint());
}

} // namespace

elapsed_time resume(const std::optional<time_mark>& last,
                    const clock_reading& now) {
  if (!last)
    return elapsed_time{now.wall.time_since_epoch()};
  return last->elapsed + passed_since(last->at, now);
}

std::string encode_time_mark(const time_mark& mark) {
  std::string text(1, static_cast<char>(mark_version));
  put_signed(text, mark.elapsed.time_since_epoch().count());
  put_signed(text, mark.at.wall.time_since_epoch().count());
  put_signed(text, mark.at.since_boot.count());
  put_text(text, mark.at.boot);
  return text;
}

std::optional<time_mark> decode_time_mark(std::string_view text) {
  binary_reader in{text};
  if (in.u8() != mark_version)
    return std::nullopt;
  time_mark mark;
  mark.elapsed = elapsed_time{milliseconds{take_signed(in)}};
  mark.at.wall = wall_time{milliseconds{take_signed(in)}};
  mark.at.since_boot = milliseconds{take_signed(in)};
  mark.at.boot = in.text();
  if (!in.ok() || in.left() != 0)
    return std::nullopt;
  return mark;
}

} // namespace tidegate
