#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::docker {

/// When each image was used last, by its id; in seconds since 1970. Images
/// that are not here are nobody's business (edge-agent spec 5.4).
using image_uses = std::map<std::string, std::int64_t>;

/// Lines of `ID SECONDS`.
std::string encode(const image_uses& uses);

/// Reads what `encode` wrote; leaves out lines that are anything else.
image_uses decode_image_uses(std::string_view text);

/// The images nobody uses and nobody has used for `age` or longer.
std::vector<std::string> outdated(const image_uses& uses,
                                  const std::set<std::string>& in_use,
                                  std::int64_t now, std::chrono::seconds age);

/// How long from `now` until it is `time` (since midnight) in this machine's
/// zone; a whole day when it is that time now.
std::chrono::seconds until_time_of_day(std::int64_t now,
                                       std::chrono::minutes time);

} // namespace tidegate::docker
