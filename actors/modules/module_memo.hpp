#pragma once

#include "messages/deployment/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// What is remembered with a module for the gateway after this one.
struct module_memo {
  /// A specification that did not become healthy.
  struct rejection {
    std::string hash;
    std::string why; ///< a sentence

    bool operator==(const rejection&) const = default;
  };

  /// It was made from this.
  std::optional<deployment::module_spec> spec;
  /// The last one before it that worked.
  std::optional<deployment::module_spec> good;
  /// It was made in the place of this.
  std::optional<rejection> rejected;
};

/// As text, for `module_launch::memo`.
std::string encode(const module_memo& memo);

/// Reads what `encode` wrote; empty for any other text. A specification that
/// `rules` no longer allow is left out.
module_memo decode_memo(std::string_view text,
                        const deployment::manifest_rules& rules);

} // namespace tidegate
