#include "messages/amqp/frame_guard.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tidegate::amqp {

namespace {

constexpr std::size_t header_size = 8;
constexpr int deepest = 16;

// What Proton takes, measured: for each value in a tree (its nodes, which
// double when they are full), for each byte of text (kept twice), and for the
// objects themselves.
constexpr std::size_t value_cost = 160;
constexpr std::size_t text_cost = 2;
constexpr std::size_t session_cost = 4096;
constexpr std::size_t link_cost = 6144;
constexpr std::size_t delivery_cost = 768;

enum performative : std::uint64_t {
  open_code = 0x10,
  begin_code = 0x11,
  attach_code = 0x12,
  transfer_code = 0x14,
  sasl_init_code = 0x41
};

constexpr unsigned char sasl_type = 1;

constexpr std::string_view broken = "a frame cannot be read";

std::uint64_t number(std::string_view big_endian) {
  std::uint64_t result = 0;
  for (const auto each : big_endian)
    result = result << 8 | static_cast<unsigned char>(each);
  return result;
}

/// Takes `size` bytes off `from`; nothing when there are fewer.
std::optional<std::string_view> take(std::string_view& from,
                                     std::uint64_t size) {
  if (from.size() < size)
    return std::nullopt;
  const auto taken = from.substr(0, size);
  from.remove_prefix(size);
  return taken;
}

std::optional<std::uint64_t> take_number(std::string_view& from,
                                         std::size_t width) {
  const auto text = take(from, width);
  return text ? std::optional{number(*text)} : std::nullopt;
}

/// Counts values as a decoder would meet them; one that is not what it says,
/// or that is nested too deep, is none.
class value_counter {
public:
  explicit value_counter(std::size_t most) : left_{most} {}

  std::size_t left() const { return left_; }
  bool exhausted() const { return exhausted_; }

  bool walk(std::string_view& rest, int depth = 0) {
    if (left_ == 0) {
      exhausted_ = true;
      return false;
    }
    --left_;
    const auto constructor = take_number(rest, 1);
    if (!constructor || depth > deepest)
      return false;
    if (*constructor == 0)
      return walk(rest, depth + 1) && walk(rest, depth + 1);
    switch (*constructor >> 4) {
    case 0xa:
    case 0xb:
      return skip_text(rest, *constructor);
    case 0xc:
    case 0xd:
      return walk_entries(rest, *constructor >> 4 == 0xc ? 1 : 4, depth);
    case 0xe:
    case 0xf:
      return walk_array(rest, *constructor >> 4 == 0xe ? 1 : 4);
    default:
      return *constructor >= 0x40
             && take(rest, fixed_width(*constructor)).has_value();
    }
  }

private:
  static std::size_t fixed_width(std::uint64_t constructor) {
    const auto kind = constructor >> 4;
    return kind < 5 ? 0 : std::size_t{1} << (kind - 5);
  }

  static bool skip_text(std::string_view& rest, std::uint64_t constructor) {
    const auto size = take_number(rest, constructor >> 4 == 0xa ? 1 : 4);
    return size && take(rest, *size);
  }

  /// What is in a list or map: its size and count have to agree.
  bool walk_entries(std::string_view& rest, std::size_t width, int depth) {
    const auto size = take_number(rest, width);
    auto body = size ? take(rest, *size) : std::nullopt;
    const auto count = body ? take_number(*body, width) : std::nullopt;
    if (!count)
      return false;
    for (std::uint64_t i = 0; i < *count; ++i)
      if (!walk(*body, depth + 1))
        return false;
    return body->empty();
  }

  /// Elements of an array have one constructor, so they may take no room.
  bool walk_array(std::string_view& rest, std::size_t width) {
    const auto size = take_number(rest, width);
    auto body = size ? take(rest, *size) : std::nullopt;
    const auto count = body ? take_number(*body, width) : std::nullopt;
    const auto constructor = count ? take_number(*body, 1) : std::nullopt;
    if (!constructor)
      return false;
    if (*count > left_) {
      exhausted_ = true;
      return false;
    }
    left_ -= *count;
    const auto kind = *constructor >> 4;
    if (kind < 4 || kind > 0xb)
      return false; // nobody sends arrays of arrays here
    if (kind < 0xa)
      return body->size() == *count * fixed_width(*constructor);
    for (std::uint64_t i = 0; i < *count; ++i)
      if (!skip_text(*body, *constructor))
        return false;
    return body->empty();
  }

  std::size_t left_;
  bool exhausted_ = false;
};

/// Where a performative ends, and which one it is.
struct extent {
  std::uint64_t code = 0;
  std::uint64_t size = 0;
};

/// Nothing: it is not one, or more of it has to come.
std::optional<extent> extent_of(std::string_view text) {
  const auto whole = text.size();
  extent found;
  if (take_number(text, 1) != 0)
    return std::nullopt;
  const auto descriptor = take_number(text, 1);
  if (!descriptor || (*descriptor != 0x53 && *descriptor != 0x80))
    return std::nullopt;
  const auto code = take_number(text, *descriptor == 0x53 ? 1 : 8);
  const auto constructor = code ? take_number(text, 1) : std::nullopt;
  if (!constructor)
    return std::nullopt;
  found.code = *code;
  std::optional<std::uint64_t> size;
  if (*constructor == 0x45)
    size = 0;
  else if (*constructor == 0xc0)
    size = take_number(text, 1);
  else if (*constructor == 0xd0)
    size = take_number(text, 4);
  if (!size)
    return std::nullopt;
  found.size = whole - text.size() + *size;
  return found;
}

/// The longest start of a performative that says where it ends.
constexpr std::size_t longest_start = 15;

/// More than what is in front of a payload can be.
std::size_t longest_head(const frame_bounds& bounds) {
  constexpr std::size_t largest_offset = 1020;
  return largest_offset + longest_start
         + std::max(bounds.performative, bounds.sasl_performative);
}

struct verdict {
  bool needs_more = false;
  std::size_t frame = 0;  ///< its size, when it is good
  std::uint64_t code = 0; ///< its performative; 0: it has none
  bool is_sasl = false;
  std::size_t cost = 0;
  std::string_view wrong;
};

verdict refuse(std::string_view why) {
  verdict result;
  result.wrong = why;
  return result;
}

verdict more_needed() {
  verdict result;
  result.needs_more = true;
  return result;
}

std::size_t cost_of(std::uint64_t code, std::size_t performative,
                    std::size_t values, std::size_t payload) {
  switch (code) {
  case begin_code:
    return session_cost;
  case attach_code:
    return link_cost + performative * text_cost + values * value_cost;
  case transfer_code:
    return delivery_cost + performative + payload;
  default: // kept once, or not at all
    return performative * text_cost + values * value_cost;
  }
}

verdict judge(std::string_view text, const frame_bounds& bounds) {
  verdict good;
  if (text.size() < header_size)
    return more_needed();
  if (text.starts_with("AMQP")) { // a protocol header
    good.frame = header_size;
    return good;
  }
  const auto size = number(text.substr(0, 4));
  const auto offset = 4 * number(text.substr(4, 1));
  if (offset < header_size || offset > size)
    return refuse(broken);
  if (size > bounds.frame)
    return refuse("a frame is too large");
  good.frame = size;
  if (size == offset)
    return good; // a heartbeat
  if (text.size() < offset)
    return more_needed();
  const auto body = text.substr(offset, size - offset);
  good.is_sasl = text[5] == sasl_type;
  const auto found = extent_of(body);
  if (!found)
    return body.size() < std::min(longest_start, size - offset)
             ? more_needed()
             : refuse(broken);
  if (found->size > size - offset)
    return refuse(broken);
  good.code = found->code;
  if (found->size
      > (text[5] == 1 ? bounds.sasl_performative : bounds.performative))
    return refuse("a performative is too large");
  if (body.size() < found->size)
    return more_needed();
  auto performative = body.substr(0, found->size);
  value_counter values{bounds.values};
  if (!values.walk(performative) || !performative.empty())
    return refuse(values.exhausted() ? "a performative has too many values"
                                     : broken);
  good.cost = cost_of(found->code, found->size, bounds.values - values.left(),
                      size - offset - found->size);
  return good;
}

} // namespace

bool frame_guard::comes_right(bool is_sasl, std::uint64_t code) {
  if (is_sasl)
    return code == sasl_init_code && !std::exchange(authenticates_, true);
  return code != open_code || !std::exchange(opened_, true);
}

frame_glimpse frame_guard::look(std::string_view bytes,
                                const frame_bounds& bounds) {
  frame_glimpse result;
  if (passing_ > 0) {
    result.size = std::min(passing_, bytes.size());
    passing_ -= result.size;
    return result;
  }
  const auto before = begun_.size();
  if (before > 0)
    begun_.append(bytes.substr(0, longest_head(bounds) - before));
  const auto found = judge(before > 0 ? begun_ : bytes, bounds);
  result.wrong = found.wrong;
  if (!found.needs_more && found.wrong.empty() && found.code != 0
      && !comes_right(found.is_sasl, found.code))
    result.wrong = "a frame comes where it may not";
  result.cost = found.cost;
  if (found.needs_more) {
    if (before == 0)
      begun_ = bytes;
    result.size = bytes.size();
  } else if (result.wrong.empty()) {
    begun_ = {};
    result.size = std::min(found.frame - before, bytes.size());
    passing_ = found.frame - before - result.size;
  }
  return result;
}

} // namespace tidegate::amqp
