#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tidegate::routing {

/// Finds the routes that see a message by its source, without trying each.
class source_index {
public:
  /// Adds `route`, a number, under its source as written.
  void add(std::string_view route_source, std::uint32_t route);

  /// The routes that see messages from `message_source`, in ascending order.
  std::vector<std::uint32_t> find(std::string_view message_source) const;

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  /// By `source_prefix`. Every prefix ends in a slash, so a message can only
  /// match those that its own source has at one of its slashes.
  std::unordered_map<std::string, std::vector<std::uint32_t>, text_hash,
                     std::equal_to<>>
    routes_;
};

} // namespace tidegate::routing
