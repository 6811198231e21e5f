#include "runtime/engines/artifacts/archive_path.hpp"
#include "runtime/engines/artifacts/artifact_uses.hpp"

#include <filesystem>

using namespace tidegate;

namespace {

void demand(bool what) {
  if (!what)
    __builtin_trap();
}

/// Where a name leads, taken as text, is below the folder it is in.
bool is_below(const std::filesystem::path& path) {
  const auto normal = path.lexically_normal();
  return normal.is_relative() && (normal.empty() || *normal.begin() != "..");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto half = text.find('\n');
  const auto path = path_below(text.substr(0, half));
  if (path) {
    demand(is_below(*path));
    demand(path->empty() || path_below(*path) == path);
  }
  if (path && !path->empty() && half != std::string_view::npos) {
    const auto target = text.substr(half + 1);
    if (stays_below(*path, target))
      demand(is_below(std::filesystem::path{*path}.parent_path() / target));
  }
  const auto uses = decode_artifact_uses(text);
  demand(decode_artifact_uses(encode(uses)) == uses);
  return 0;
}
