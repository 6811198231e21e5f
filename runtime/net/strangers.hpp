#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace tidegate {

/// How many connections of a listener have not been introduced yet, by
/// `owner_of` their address. One thread only.
class strangers {
public:
  explicit strangers(std::size_t most) : most_{most} {}

  /// No further one from there is to be taken. Never so for an empty owner.
  bool crowded(const std::string& owner) const {
    const auto found = of_.find(owner);
    return found != of_.end() && found->second >= most_;
  }

  /// Counts one for as long as the result lives; null for an empty owner.
  static std::shared_ptr<void> admit(std::shared_ptr<strangers> all,
                                     const std::string& owner) {
    if (owner.empty())
      return nullptr;
    auto* counts = &all->of_;
    ++(*counts)[owner];
    return {counts, [all = std::move(all), owner](void*) {
              const auto found = all->of_.find(owner);
              if (--found->second == 0)
                all->of_.erase(found);
            }};
  }

private:
  std::size_t most_;
  std::unordered_map<std::string, std::size_t> of_;
};

} // namespace tidegate
