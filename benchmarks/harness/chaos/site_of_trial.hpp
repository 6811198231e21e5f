#pragma once

#include "benchmarks/harness/nodes/node_settings.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tidegate::harness {

/// The relay modules of a trial, by name; one per protocol.
std::vector<std::string> relay_names(bool with_amqp);

/// Whether the messages of publisher `index` go through a relay first.
bool is_relayed(std::size_t index, const std::vector<std::string>& relays);

/// The name of publisher `index`, which says which way its messages go:
/// every other one's through one of `relays`, if there are any.
std::string chaos_publisher(std::size_t index,
                            const std::vector<std::string>& relays);

/// The name of a sender of the crowd, whose messages go straight upstream.
std::string crowd_sender(std::size_t index);

/// What the gateway of a trial routes.
std::map<std::string, std::string>
chaos_routes(const std::vector<std::string>& relays);

/// A deployment of `relays`, each of which is `program` in another role and
/// connects to the plain listeners of `ports`.
std::string chaos_manifest(const std::filesystem::path& program,
                           const std::vector<std::string>& relays,
                           const node_ports& ports);

} // namespace tidegate::harness
