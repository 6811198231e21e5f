#pragma once

#include "actors/clients/routed_head.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tidegate {

/// Remembers the heads of the topics a client published to lately, so that a
/// topic is parsed, and its routes are found, once (design section 8). Clients
/// that put a fresh id into every topic gain nothing and lose little: past its
/// bounds the cache starts anew.
class topic_cache {
public:
  /// The head for exactly this topic, or null.
  const routed_head_ptr* find(std::string_view topic) {
    if (topic == last_topic_)
      return last_;
    const auto found = heads_.find(topic);
    if (found == heads_.end())
      return nullptr;
    return remember(*found);
  }

  const routed_head_ptr* insert(std::string_view topic, routed_head_ptr head) {
    bytes_ += topic.size();
    if (heads_.size() >= most_topics || bytes_ > most_bytes) {
      heads_.clear();
      bytes_ = topic.size();
    }
    return remember(
      *heads_.insert_or_assign(std::string{topic}, std::move(head)).first);
  }

private:
  static constexpr std::size_t most_topics = 64;
  static constexpr std::size_t most_bytes = 64 * 1024;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using map = std::unordered_map<std::string, routed_head_ptr, text_hash,
                                 std::equal_to<>>;

  const routed_head_ptr* remember(const map::value_type& entry) {
    last_topic_ = entry.first;
    last_ = &entry.second;
    return last_;
  }

  map heads_;
  std::size_t bytes_ = 0;       ///< of topics, since the cache was last empty
  std::string_view last_topic_; ///< lies in `heads_`, as `last_` does
  const routed_head_ptr* last_ = nullptr;
};

} // namespace tidegate
