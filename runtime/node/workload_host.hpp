#pragma once

#include "actors/identity/identities.hpp"
#include "actors/modules/module_host.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/module_details.hpp"
#include "runtime/api/parent_client.hpp"
#include "runtime/engines/user_table.hpp"
#include "runtime/net/certificates.hpp"
#include "runtime/net/listener.hpp"
#include "runtime/node/profile.hpp"
#include "storage/seal.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

namespace tidegate {

/// What `workload_host` needs from its node.
struct workload_host_context {
  io_loop& loop;
  node_profile who;
  std::filesystem::path run_folder;
  std::filesystem::path trust_bundle;
  std::uint16_t mqtt_port = 0; ///< when it is not 8883
  identities_actor identities;
  actor_bridge actors;
  /// Null at a hub, which makes identities itself.
  std::shared_ptr<parent_client> parent;
  std::function<bool(const std::string& module, pid_t)> is_process_of;
  module_directory modules;
  seal_ptr secrets;
  std::function<caf::expected<key_pair>(const certificate_request&)> issue;
  /// Modules are containers: each sees its socket's folder and nothing else
  /// of this machine, and may run as anybody.
  bool containers = false;
  /// The users that modules run as; null when that is the node's own.
  std::shared_ptr<user_table> users;
};

/// Has the workload sockets of a node with this run folder: one of each
/// process, and a folder with one of each container.
std::filesystem::path workload_folder(const std::filesystem::path& run_folder);

/// Gives modules their identity and a workload socket each: the identity is
/// the one known here, else made at the parent (or, at a hub, here).
class workload_host : public module_host,
                      public std::enable_shared_from_this<workload_host> {
public:
  explicit workload_host(workload_host_context context)
    : context_{std::move(context)} {}

  void prepare(const deployment::module_spec& spec, caf::actor asker) override;
  void release(const std::string& name) override;

private:
  /// A module that is being made ready, and who waits for it.
  struct preparation {
    std::string module;
    std::string user; ///< it runs as; empty: the node's own
    caf::actor asker;
  };

  void make_identity(const preparation& of);
  void open_socket(const preparation& of, const identity& known);
  static void report(const preparation& of, const std::string& problem);
  std::filesystem::path socket_path(const std::string& module) const;

  workload_host_context context_;
  std::mutex mutex_;
  std::map<std::string, listener_ptr> sockets_;
};

} // namespace tidegate
