#pragma once

#include "actors/metrics.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tidegate {

/// The memory that is spent on peers before they have proven who they are: of
/// all doors of a node together, and of one address (`owner_of`). Safe from any
/// thread.
class stranger_memory : public std::enable_shared_from_this<stranger_memory> {
public:
  struct bounds {
    std::size_t all = 128UL << 20;
    std::size_t of_one = 32UL << 20;
  };

  /// What one connection has of it, until it ends.
  class account {
  public:
    account(std::shared_ptr<stranger_memory> of, std::string owner);
    ~account() { settle(); }
    account(const account&) = delete;
    account& operator=(const account&) = delete;

    /// So many bytes more; false, and nothing is taken, when that is too much.
    /// Always true once it is settled.
    bool charge(std::size_t bytes);
    /// So many bytes fewer.
    void pay_back(std::size_t bytes);
    /// The peer is no stranger any more, or gone.
    void settle();

  private:
    std::shared_ptr<stranger_memory> of_;
    std::string owner_;
    std::size_t charged_ = 0; ///< guarded by the mutex of `of_`
    bool settled_ = false;    ///< likewise
  };

  using account_ptr = std::shared_ptr<account>;

  /// `meters` counts who is refused; may be null.
  explicit stranger_memory(std::shared_ptr<metrics> meters = nullptr)
    : stranger_memory{std::move(meters), bounds{}} {}
  stranger_memory(std::shared_ptr<metrics> meters, const bounds& most)
    : meters_{std::move(meters)}, most_{most} {}

  /// Null for an empty owner, whose memory does not count.
  account_ptr open(const std::string& owner);

  /// Bytes that all of them have.
  std::size_t charged() const;

private:
  void give_back(const std::string& owner, std::size_t bytes);
  void complain(const std::string& owner);

  std::shared_ptr<metrics> meters_;
  bounds most_;
  mutable std::mutex mutex_;
  std::size_t charged_ = 0;
  std::unordered_map<std::string, std::size_t> of_;
};

using stranger_memory_ptr = std::shared_ptr<stranger_memory>;

} // namespace tidegate
