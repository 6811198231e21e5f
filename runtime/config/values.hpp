#pragma once

#include "runtime/config/config.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// `10 GiB`, `512 KiB`, `4096` (bytes); nothing when it is none of these or
/// does not fit.
std::optional<std::int64_t> parse_size(std::string_view text);

/// `250ms`, `30s`, `10m`, `2h`, `7d`, and `-1` for "for ever".
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `03:30`, as the time since midnight.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);

/// `host:port`, `[v6]:port`, `*:port`.
std::optional<listen_address> parse_listen_address(std::string_view text);

/// `host:port`, brackets around an IPv6 address.
std::string to_string(const listen_address& address);

/// The one of `known` that is most like `name` (edit distance), if any comes
/// close; for "did you mean".
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& known);

} // namespace tidegate
