#pragma once

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace tidegate::docker {

/// What a JSON pointer (`/State/Pid`) leads to; null when to nothing.
inline const boost::json::value* look_up(const boost::json::value& in,
                                         std::string_view pointer) {
  boost::json::error_code failed;
  return in.find_pointer(pointer, failed);
}

/// The same as text, number or truth; an empty one when it is none.
inline std::string text_at(const boost::json::value& in,
                           std::string_view pointer) {
  const auto* found = look_up(in, pointer);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string{text->data(), text->size()} : std::string{};
}

inline std::int64_t number_at(const boost::json::value& in,
                              std::string_view pointer) {
  const auto* found = look_up(in, pointer);
  if (!found)
    return 0;
  if (const auto* large = found->if_uint64())
    return static_cast<std::int64_t>(std::min<std::uint64_t>(
      *large, std::numeric_limits<std::int64_t>::max()));
  const auto* number = found->if_int64();
  return number ? *number : 0;
}

inline bool truth_at(const boost::json::value& in, std::string_view pointer) {
  const auto* found = look_up(in, pointer);
  const auto* truth = found ? found->if_bool() : nullptr;
  return truth && *truth;
}

} // namespace tidegate::docker
