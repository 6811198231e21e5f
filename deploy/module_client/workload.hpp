#pragma once

#include "module_client/module_identity.hpp"

#include <string>

namespace tidegate::module {

/// Has `data` signed with the module's key through the workload socket;
/// returns the digest, base64. Throws `std::runtime_error` with the reason.
std::string workload_sign(const module_identity& who, const std::string& data);

/// The certificates to trust, PEM. Throws `std::runtime_error`.
std::string workload_trust_bundle(const module_identity& who);

} // namespace tidegate::module
