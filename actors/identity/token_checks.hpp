#pragma once

#include "actors/identity/ask_budget.hpp"
#include "messages/iothub/sas_token.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tidegate {

/// The parent's checks of clients' own tokens: those under way and those that
/// wait for their turn, with the clients that wait for each. Bounded, because
/// anybody may bring a token; clients of whom the parent took one before come
/// first, and keep places for themselves.
template <class Client>
class token_checks {
public:
  static constexpr std::size_t most_at_once = 4;
  static constexpr std::size_t most_waiting = 1'000;
  /// Of those, of clients that are not known.
  static constexpr std::size_t most_strange_at_once = 3;
  static constexpr std::size_t most_strange_waiting = 500;
  /// Of one identity so many at once, then one per gap.
  static constexpr unsigned burst = 4;
  static constexpr std::chrono::seconds gap{10};

  /// Has `client` wait for the check of a token, which is begun with `next`.
  /// False when there are too many: it is not kept then.
  bool add(const identity_id& id, const std::string& token, sas_time now,
           Client client, bool known = true) {
    if (auto* const same = find(id, token)) {
      if (same->clients.size() >= most_waiting)
        return false;
      same->clients.push_back(std::move(client));
      return true;
    }
    if (checks_.size() >= most_waiting
        || (!known && strange_ >= most_strange_waiting)
        || !take_budget(id, now))
      return false;
    strange_ += known ? 0 : 1;
    checks_.push_back({id, token, known, false, {}});
    checks_.back().clients.push_back(std::move(client));
    return true;
  }

  /// The next check to be made, now under way; null when none is to be begun.
  /// Valid until the next call of another function.
  const std::pair<identity_id, std::string>* next() {
    if (under_way_ >= most_at_once)
      return nullptr;
    for (const bool known : {true, false})
      for (auto& one : checks_)
        if (one.known == known && !one.begun)
          return known || strange_under_way_ < most_strange_at_once ? begin(one)
                                                                    : nullptr;
    return nullptr;
  }

  /// A check has ended: the clients that waited for it.
  std::vector<Client> take(const identity_id& id, const std::string& token) {
    auto* const found = find(id, token);
    if (!found)
      return {};
    auto clients = std::move(found->clients);
    if (!found->known) {
      --strange_;
      --strange_under_way_;
    }
    checks_.erase(checks_.begin() + (found - &checks_.front()));
    --under_way_;
    return clients;
  }

  /// Everybody who waits.
  std::vector<Client> take_all() {
    std::vector<Client> all;
    for (auto& one : std::exchange(checks_, {}))
      std::move(one.clients.begin(), one.clients.end(),
                std::back_inserter(all));
    return all;
  }

private:
  struct entry {
    identity_id id;
    std::string token;
    bool known = true;
    bool begun = false;
    std::vector<Client> clients;
  };

  const std::pair<identity_id, std::string>* begin(entry& one) {
    one.begun = true;
    ++under_way_;
    strange_under_way_ += one.known ? 0 : 1;
    begun_ = {one.id, one.token};
    return &begun_;
  }

  entry* find(const identity_id& id, const std::string& token) {
    const auto found
      = std::find_if(checks_.begin(), checks_.end(), [&](const entry& one) {
          return one.id == id && one.token == token;
        });
    return found == checks_.end() ? nullptr : &*found;
  }

  bool take_budget(const identity_id& id, sas_time now) {
    constexpr std::size_t most_budgets = 10'000;
    if (budgets_.size() >= most_budgets)
      std::erase_if(budgets_, [now](const auto& known) {
        return known.second.untouched(now);
      });
    return budgets_.size() < most_budgets && budgets_[id].take(now, burst, gap);
  }

  std::vector<entry> checks_; ///< oldest first
  std::size_t strange_ = 0;   ///< of clients that are not known
  std::size_t under_way_ = 0;
  std::size_t strange_under_way_ = 0;
  std::pair<identity_id, std::string> begun_;
  std::unordered_map<identity_id, ask_budget<sas_time>> budgets_;
};

} // namespace tidegate
