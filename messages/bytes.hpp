#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tidegate {

/// A read-only run of bytes that keeps its owner alive. Copying shares the
/// owner; the bytes themselves are never copied.
struct bytes {
  std::shared_ptr<const void> owner;
  std::string_view view;

  std::size_t size() const { return view.size(); }
  bool empty() const { return view.empty(); }

  /// A part of these bytes, sharing the same owner.
  bytes slice(std::size_t from, std::size_t count) const {
    return {owner, view.substr(from, count)};
  }
};

/// Bytes that own `text`.
inline bytes own(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view view = *owner;
  return {std::move(owner), view};
}

} // namespace tidegate
