#include "runtime/engines/volumes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end())
           .first
         == folder.end();
}

/// A folder of the machine, by its real name.
found_volumes find_shared(const std::string& source,
                          const process_engine_options& options) {
  if (options.shared.empty())
    return {{}, source + " cannot be shared: modules.shared is not set"};
  std::error_code failed;
  const auto real = fs::canonical(source, failed);
  if (failed)
    return {{}, source + ": " + failed.message()};
  const auto shared = fs::canonical(options.shared, failed);
  if (failed || !is_below(real, shared))
    return {{},
            source + " cannot be shared: it is not below modules.shared, "
              + options.shared.string()};
  return {{real.string()}, {}};
}

std::string errno_text(const std::string& doing) {
  return doing + ": " + std::strerror(errno);
}

std::string make_kept(const fs::path& folder, std::optional<std::uint32_t> user,
                      std::optional<std::uint32_t> group) {
  constexpr mode_t owner_only = 0700;
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (::mkdir(folder.c_str(), owner_only) != 0)
    return errno == EEXIST ? std::string{}
                           : errno_text("creating " + folder.string());
  if (user && ::chown(folder.c_str(), *user, *group) != 0)
    return errno_text("giving " + folder.string() + " to its user");
  return {};
}

} // namespace

found_volumes find_volumes(const std::vector<deployment::volume>& wanted,
                           const process_engine_options& options) {
  found_volumes all;
  for (const auto& one : wanted) {
    if (!one.source.starts_with('/')) {
      all.folders.push_back(options.volumes / one.source);
      continue;
    }
    auto found = find_shared(one.source, options);
    if (!found.problem.empty())
      return found;
    all.folders.push_back(std::move(found.folders.front()));
  }
  return all;
}

std::string make_volumes(const std::vector<deployment::volume>& wanted,
                         const process_engine_options& options,
                         const fs::path& work,
                         std::optional<std::uint32_t> user,
                         std::optional<std::uint32_t> group) {
  const auto found = find_volumes(wanted, options);
  if (!found.problem.empty())
    return found.problem;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const fs::path folder = found.folders[i];
    if (!wanted[i].source.starts_with('/'))
      if (auto problem = make_kept(folder, user, group); !problem.empty())
        return problem;
    // A convenience; what counts is the variable.
    const auto link
      = work / fs::path{wanted[i].target}.lexically_normal().relative_path();
    std::error_code ignored;
    if (is_below(link.lexically_normal(), work)) {
      fs::create_directories(link.parent_path(), ignored);
      fs::create_symlink(folder, link, ignored);
    }
  }
  return {};
}

} // namespace tidegate
