#pragma once

#include <chrono>
#include <optional>

namespace tidegate {

/// Whether the parent can be reached (edge-hub spec 6.4). A pure state
/// machine: it is told what happened and says what that changes.
///
///   disconnected --succeeded--> connected --failed--> trying
///        ^                          ^                    |
///        |                          +------succeeded-----+
///        +---------------------failed--------------------+
class connectivity {
public:
  using clock = std::chrono::steady_clock;

  enum class state { disconnected, trying, connected };
  enum class change {
    none,
    regained, ///< left `disconnected`: resynchronize
    lost      ///< entered `disconnected`
  };

  explicit connectivity(clock::time_point now) : since_{now} {}

  state is() const { return state_; }

  /// The parent has answered.
  change succeeded(clock::time_point now);

  /// A call to the parent failed or was not answered in time.
  change failed(clock::time_point now);

  /// How long the parent was out of reach before it was regained; or is now.
  std::chrono::duration<double> offline(clock::time_point now) const;

private:
  state state_ = state::disconnected;
  clock::time_point since_; ///< entered or left `disconnected`
  std::chrono::duration<double> last_offline_{0};
};

const char* to_string(connectivity::state value);

} // namespace tidegate
