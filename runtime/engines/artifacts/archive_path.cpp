#include "runtime/engines/artifacts/archive_path.hpp"

#include <algorithm>

namespace tidegate {

namespace {

constexpr std::size_t longest_path = 1024, longest_name = 255;

/// Takes the part up to the next `/` from the front of `path`.
std::string_view take_part(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

} // namespace

std::optional<std::string> path_below(std::string_view entry) {
  if (entry.empty() || entry.front() == '/' || entry.size() > longest_path
      || entry.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::string path;
  while (!entry.empty()) {
    const auto part = take_part(entry);
    if (part == ".." || part.size() > longest_name)
      return std::nullopt;
    if (part.empty() || part == ".")
      continue;
    path.append(path.empty() ? "" : "/").append(part);
  }
  return path;
}

bool stays_below(std::string_view entry, std::string_view target) {
  if (target.empty() || target.front() == '/' || target.size() > longest_path
      || target.find('\0') != std::string_view::npos)
    return false;
  auto depth = std::count(entry.begin(), entry.end(), '/');
  bool in_front = true;
  while (!target.empty()) {
    const auto part = take_part(target);
    if (part.empty() || part == ".")
      continue;
    if (part != "..")
      in_front = false;
    // Behind a name it would depend on what that name is.
    else if (!in_front || --depth < 0)
      return false;
  }
  return true;
}

} // namespace tidegate
