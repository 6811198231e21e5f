#include "runtime/engines/artifacts/artifact_uses.hpp"

#include <algorithm>
#include <charconv>

namespace tidegate {

namespace {

constexpr std::size_t digest_size = 64;

void take_line(std::string_view line, artifact_uses& into) {
  if (line.size() <= digest_size || line[digest_size] != ' ')
    return;
  const auto digest = line.substr(0, digest_size);
  if (digest.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return;
  line.remove_prefix(digest_size + 1);
  const auto* end = line.data() + line.size();
  std::int64_t last = 0;
  const auto [next, problem] = std::from_chars(line.data(), end, last);
  if (problem != std::errc{} || (next != end && *next != ' '))
    return;
  auto& use = into[std::string{digest}];
  use.last = std::max(use.last, last);
  if (next != end && next + 1 != end)
    use.references.emplace(next + 1, end);
}

} // namespace

void note_use(artifact_uses& uses, const std::string& digest,
              const std::string& reference, std::int64_t now) {
  for (auto& [other, use] : uses)
    use.references.erase(reference);
  auto& use = uses[digest];
  use.last = now;
  if (reference.find('\n') == std::string::npos)
    use.references.insert(reference);
}

std::string digest_of(const artifact_uses& uses, const std::string& reference) {
  for (const auto& [digest, use] : uses)
    if (use.references.contains(reference))
      return digest;
  return {};
}

std::vector<std::string> unused(const artifact_uses& uses,
                                const std::set<std::string>& in_use,
                                std::int64_t now, std::chrono::seconds age) {
  std::vector<std::string> all;
  for (const auto& [digest, use] : uses)
    if (!in_use.contains(digest) && now - use.last >= age.count())
      all.push_back(digest);
  return all;
}

std::string encode(const artifact_uses& uses) {
  std::string text;
  for (const auto& [digest, use] : uses) {
    const auto head = digest + ' ' + std::to_string(use.last);
    if (use.references.empty())
      text += head + '\n';
    for (const auto& reference : use.references)
      text += head + ' ' + reference + '\n';
  }
  return text;
}

artifact_uses decode_artifact_uses(std::string_view text) {
  artifact_uses uses;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take_line(text.substr(0, end), uses);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return uses;
}

} // namespace tidegate
