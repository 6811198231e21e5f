#pragma once

#include "messages/deployment/artifact.hpp"
#include "messages/deployment/manifest.hpp"
#include "runtime/engines/artifacts/artifact_uses.hpp"
#include "runtime/engines/artifacts/one_by_one.hpp"
#include "runtime/net/tls_context.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <mutex>

namespace tidegate {

/// What a module is made from: a program of its own, or one in a folder.
struct artifact {
  std::filesystem::path folder;  ///< empty for a program of its own
  std::filesystem::path program; ///< what runs unless `Entrypoint` says more
  std::string digest;            ///< SHA-256, in hex; empty when not known
  bool kept = false;             ///< it lies in the store
  std::string problem;           ///< empty when it is there, and as wanted
};

struct artifact_options {
  std::filesystem::path folder;   ///< of the store
  std::filesystem::path programs; ///< where local names are looked up
  std::string ca_file; ///< PEM, whom to trust at https; empty: the system's
  /// What no module uses is kept for so long.
  std::chrono::seconds age{7 * 24 * 3600};
  std::uint64_t largest_download = 256u << 20; ///< bytes
};

/// The programs and archives that modules are made from. An archive is checked
/// against its digest and unpacked once, into a folder named by its SHA-256;
/// programs and folders of this machine are used where they lie. Any thread.
class artifact_store {
public:
  /// Downloads run on `context`; call nothing once that has stopped.
  artifact_store(boost::asio::io_context& context, artifact_options options);
  ~artifact_store();

  /// Makes ready what `spec` names, as its pull policy says: `done` gets what
  /// went wrong, or empty text, on a thread of its own or on that of the
  /// context.
  void fetch(const deployment::module_spec& spec,
             const std::optional<deployment::registry_credential>& credential,
             std::function<void(std::string)> done);

  /// Tells `done` the SHA-256 of a program or folder, empty when it cannot be
  /// read, on a thread of its own.
  void weigh(const std::filesystem::path& what,
             std::function<void(std::string)> done);

  /// What `spec` names, if it is here.
  artifact find(const deployment::module_spec& spec) const;

  /// A module that uses the artifact has been created or removed.
  void note(const std::string& digest);

  /// Removes what has not been used for long, by others than `in_use`.
  void collect(std::set<std::string> in_use);

private:
  using callback = std::function<void(std::string)>;

  artifact find_program(const std::string& name) const;
  artifact find_kept(const std::string& digest) const;
  std::filesystem::path
  archive_of(const deployment::artifact_reference& reference) const;
  std::string install_copy(const deployment::module_spec& spec,
                           const std::filesystem::path& archive);
  std::string install(const deployment::module_spec& spec,
                      const std::filesystem::path& own);
  void download(const deployment::module_spec& spec, const std::string& url,
                const std::string& authorization, unsigned hops, callback done);
  void downloaded(const deployment::module_spec& spec, callback done);
  std::string save_locked();

  boost::asio::io_context& context_;
  artifact_options options_;
  mutable std::mutex mutex_; ///< for `uses_` and its file
  artifact_uses uses_;
  std::mutex tls_mutex_;
  std::shared_ptr<tls_client> tls_;
  one_by_one downloads_;
  boost::asio::thread_pool pool_{1};  ///< reads, checks and unpacks
  boost::asio::thread_pool scale_{1}; ///< reads what is to start
};

/// Empty when an artifact with `digest` is what `wanted` says, which may be
/// empty; else a sentence that says what is wrong.
std::string digest_problem(const std::string& image, const std::string& wanted,
                           const std::string& digest);

} // namespace tidegate
