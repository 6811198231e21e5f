#pragma once

#include "actors/modules/log_query.hpp"
#include "messages/deployment/module_log.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What was read of a module's log.
struct log_collected {
  std::uint64_t ticket = 0;
  std::string module;
  std::shared_ptr<std::vector<deployment::module_line>> lines;
  std::string problem; ///< why it could not be read; else empty
  bool cut = false;    ///< older lines were left out
};

/// Collects the lines of one log for an actor, which gets `log_collected`.
/// Past `limit` bytes the oldest lines are left out.
class log_collector : public log_sink {
public:
  log_collector(std::uint64_t ticket, std::string module, std::size_t limit,
                caf::actor owner);

  bool lines(std::vector<log_line> batch) override;
  void end(const std::string& problem) override;

private:
  void make_room();

  std::size_t limit_;
  caf::actor owner_;
  log_collected made_;
  std::size_t bytes_ = 0;
  std::size_t first_ = 0; ///< those before it are left out
  /// The line that goes on, by stream; nothing where the last one is whole.
  std::array<std::optional<std::size_t>, 2> open_;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::log_collected)
