#pragma once

#include "messages/identity_id.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// Which identities changed lately, for gateways that follow along: each asks
/// for what is new since the revision it knows. Only the last changes are
/// kept; who is further behind, or comes from another run of this node, is
/// told to read everything.
class scope_changes {
public:
  static constexpr std::size_t most_kept = 1000;

  struct news {
    bool everything = false;
    std::vector<identity_id> ids; ///< each once

    bool none() const { return !everything && ids.empty(); }
  };

  /// `run` tells this run of the node from others; without a dot.
  explicit scope_changes(std::string run) : run_{std::move(run)} {}

  /// `id` changed, in the scope of each of `edges`.
  void note(const identity_id& id, std::vector<std::string> edges);

  /// Who stands behind whom changed.
  void note_everything();

  std::string revision() const { return run_ + '.' + std::to_string(last_); }

  /// What changed for `edge` since it knew `revision`.
  news since(std::string_view revision, const std::string& edge) const;

private:
  struct change {
    identity_id id;
    std::vector<std::string> edges;
  };

  std::string run_;
  std::uint64_t last_ = 0;  ///< number of the last change
  std::deque<change> kept_; ///< up to and including `last_`
};

} // namespace tidegate
