#pragma once

#include "runtime/config/config.hpp"
#include "runtime/net/own_certificate.hpp"

#include <caf/expected.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What a node shows on TLS.
struct shown_certificate {
  std::filesystem::path certificate;
  std::filesystem::path key;
  /// Where the node issues it itself; it is renewed then.
  std::optional<own_certificate> own;
};

/// What a node shows that clients know by `hosts`: the certificate of its
/// configuration, or one that it issues itself, now if need be, when something
/// is to be encrypted.
caf::expected<shown_certificate> shown_by(const config& from,
                                          std::vector<std::string> hosts);

} // namespace tidegate
