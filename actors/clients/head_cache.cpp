#include "actors/clients/head_cache.hpp"

namespace tidegate {

routed_head_ptr head_cache::find(std::string_view key) const {
  for (const auto& [known, head] : entries_)
    if (head && known == key)
      return head;
  return nullptr;
}

void head_cache::put(std::string_view key, routed_head_ptr head) {
  if (key.size() > longest_key)
    return;
  auto& oldest = entries_[next_];
  next_ = (next_ + 1) % capacity;
  oldest.key = key;
  oldest.head = std::move(head);
}

} // namespace tidegate
