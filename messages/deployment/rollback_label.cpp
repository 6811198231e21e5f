#include "messages/deployment/rollback_label.hpp"

#include <charconv>

namespace tidegate::deployment {

std::optional<std::chrono::seconds> read_rollback(const field_reader& options) {
  const auto* found = options.find("Labels");
  const auto* labels = found ? found->if_object() : nullptr;
  if (!labels || !labels->contains(rollback_label))
    return std::nullopt;
  const auto reader = options.below("Labels", *labels);
  const auto text = reader.text(rollback_label);
  if (!text)
    return std::nullopt;
  std::uint64_t seconds = 0;
  const auto* end = text->data() + text->size();
  const auto [next, problem] = std::from_chars(text->data(), end, seconds);
  const auto fits = problem == std::errc{} && next == end && seconds > 0
                    && seconds <= longest_rollback_grace;
  if (*text != "off" && !fits)
    reader.fail(rollback_label, "must be off, or seconds from 1 to "
                                  + std::to_string(longest_rollback_grace));
  return std::chrono::seconds{fits ? seconds : 0};
}

} // namespace tidegate::deployment
