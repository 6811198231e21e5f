#pragma once

#include "actors/modules/engine_messages.hpp"
#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/shim_process.hpp"
#include "runtime/engines/state_record.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor.hpp>
#include <filesystem>
#include <optional>
#include <string>

namespace tidegate {

/// One module as the process engine holds it. Its folder has the files
/// `launch`, `state` and `restarts`, the log, and the folder `work`, where
/// the module runs.
struct kept_module {
  kept_module(boost::asio::io_context& context, std::filesystem::path where)
    : folder{std::move(where)}, ended{context}, patience{context} {}

  bool running() const { return static_cast<bool>(pidfd); }

  std::filesystem::path folder;
  launch_record launch;
  std::optional<state_record> state;
  restart_record restarts;
  caf::actor owner, remover;
  bool removing = false;
  bool up_told = false;
  /// Grows with each start: what waits for an earlier one is void.
  std::uint64_t life = 0;
  /// The start that waits for its check; 0: none.
  std::uint64_t checking = 0;
  process_id shim;
  unique_fd pidfd;                             ///< of the shim
  boost::asio::posix::stream_descriptor ended; ///< the same, to wait with
  boost::asio::steady_timer patience;
};

/// Reads what an earlier gateway left in `into.folder`; false when that is
/// not the folder of a module.
bool load(kept_module& into);

/// Takes over what the shim has written since, if that is about its present
/// life.
void refresh(kept_module& module);

/// Remembers that the module has ended, and why nobody recorded it.
void note_end(kept_module& module, state_record::phase how, std::string detail);

/// Writes the file `restarts`; the answer is what went wrong, or empty.
std::string save_restarts(const kept_module& module);

/// What a list shows.
module_record record_of(const kept_module& module);

/// Tells the owner how the module is: `module_up` or `module_down`.
void tell_state(kept_module& module);

} // namespace tidegate
