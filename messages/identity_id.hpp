#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace tidegate {

/// Who is speaking: a device, or a module of a device (edge-hub spec, head of
/// the document). Written `device` or `device/module`.
struct identity_id {
  std::string device;
  std::string module;

  bool is_module() const { return !module.empty(); }
  auto operator<=>(const identity_id&) const = default;
};

/// `device` or `device/module`.
std::string to_string(const identity_id& id);

/// Reads the written form: exactly one `/` makes a module, anything else is
/// a device.
identity_id parse_identity_id(std::string_view text);

} // namespace tidegate

template <>
struct std::hash<tidegate::identity_id> {
  std::size_t operator()(const tidegate::identity_id& id) const noexcept {
    return std::hash<std::string>{}(id.device) * 31
           + std::hash<std::string>{}(id.module);
  }
};
