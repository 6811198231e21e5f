#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidegate {

inline constexpr std::size_t longest_method_name = 100;

/// What is wrong with the name of a direct method, or nothing. It stands in a
/// topic, and SDKs read that as an address: so it is what IoT Hub documents,
/// printable ASCII without `$()<>@,;:\"/[]?={}` and spaces, and without `#`,
/// `+` and `%`, which mean something there.
std::string method_name_fault(std::string_view name);

} // namespace tidegate
