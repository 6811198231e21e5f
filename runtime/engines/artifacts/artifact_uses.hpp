#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// One artifact of the store.
struct artifact_use {
  std::int64_t last = 0; ///< when it was used, in seconds since 1970
  /// The references that stood for it when they were fetched last.
  std::set<std::string> references;

  bool operator==(const artifact_use&) const = default;
};

/// The artifacts of the store, by digest.
using artifact_uses = std::map<std::string, artifact_use>;

/// `reference` stands for `digest` from now on, and for nothing else.
void note_use(artifact_uses& uses, const std::string& digest,
              const std::string& reference, std::int64_t now);

/// The digest that `reference` stands for; empty when that is not known.
std::string digest_of(const artifact_uses& uses, const std::string& reference);

/// Those that no module uses and none has used for `age` or longer
/// (edge-agent spec 5.4).
std::vector<std::string> unused(const artifact_uses& uses,
                                const std::set<std::string>& in_use,
                                std::int64_t now, std::chrono::seconds age);

/// Lines of `DIGEST SECONDS` and `DIGEST SECONDS REFERENCE`.
std::string encode(const artifact_uses& uses);

/// Reads what `encode` wrote; leaves out lines that are anything else.
artifact_uses decode_artifact_uses(std::string_view text);

} // namespace tidegate
