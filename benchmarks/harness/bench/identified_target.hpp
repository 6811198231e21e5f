#pragma once

#include "benchmarks/harness/bench/target.hpp"
#include "messages/iothub/connection_string.hpp"

#include <caf/expected.hpp>
#include <functional>

namespace tidegate::harness {

/// Makes an identity by its name.
using identity_maker
  = std::function<caf::expected<connection_string>(const std::string& name)>;

/// Where the clients of a node come from and go to.
struct identity_source {
  identity_maker device;
  identity_maker module;
  endpoint door;
  /// Of the HTTPS listener; port 0 when there is none.
  endpoint https;
};

/// The names every node with routes for a measurement has to know.
std::string publisher_name(const std::string& group, std::size_t index);
std::string subscriber_name(const std::string& group, std::size_t index);

/// Fills `target` with the clients that `options` ask for; the fault of the
/// target says which identity could not be made.
void add_clients(bench_target& target, const bench_options& options,
                 const identity_source& from);

} // namespace tidegate::harness
