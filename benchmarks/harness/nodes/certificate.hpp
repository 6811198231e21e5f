#pragma once

#include <filesystem>
#include <string>

namespace tidegate::harness {

/// Writes a new key and a self-signed certificate for this machine's loopback
/// names and `host`, PEM, good for a day. The certificate is its own
/// authority, so that one file serves as both. An error text, or empty.
std::string write_certificate(const std::filesystem::path& certificate,
                              const std::filesystem::path& key,
                              const std::string& host);

} // namespace tidegate::harness
