#include "runtime/net/stranger_memory.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <utility>

namespace tidegate {

stranger_memory::account_ptr stranger_memory::open(const std::string& owner) {
  if (owner.empty())
    return nullptr;
  return std::make_shared<account>(shared_from_this(), owner);
}

std::size_t stranger_memory::charged() const {
  const std::lock_guard guard{mutex_};
  return charged_;
}

void stranger_memory::give_back(const std::string& owner, std::size_t bytes) {
  charged_ -= bytes;
  const auto found = of_.find(owner);
  if (found != of_.end() && (found->second -= bytes) == 0)
    of_.erase(found);
}

void stranger_memory::complain(const std::string& owner) {
  if (meters_)
    meters_
      ->counter("tidegate_strangers_memory_refused_total",
                "Times that more memory was refused to clients that had not "
                "been let in yet; their connections were closed.")
      .Increment();
  log::warning("net",
               "clients that have not been let in have all the memory that is "
               "theirs",
               {{"network", owner}});
}

stranger_memory::account::account(std::shared_ptr<stranger_memory> of,
                                  std::string owner)
  : of_{std::move(of)}, owner_{std::move(owner)} {}

bool stranger_memory::account::charge(std::size_t bytes) {
  {
    const std::lock_guard guard{of_->mutex_};
    if (settled_ || bytes == 0)
      return true;
    const auto found = of_->of_.find(owner_);
    const auto owned = found == of_->of_.end() ? 0 : found->second;
    const auto fits = [&](std::size_t has, std::size_t most) {
      return bytes <= most && has <= most - bytes;
    };
    if (fits(owned, of_->most_.of_one) && fits(of_->charged_, of_->most_.all)) {
      of_->of_[owner_] = owned + bytes;
      of_->charged_ += bytes;
      charged_ += bytes;
      return true;
    }
  }
  of_->complain(owner_);
  return false;
}

void stranger_memory::account::pay_back(std::size_t bytes) {
  const std::lock_guard guard{of_->mutex_};
  bytes = std::min(bytes, charged_);
  if (bytes == 0)
    return;
  charged_ -= bytes;
  of_->give_back(owner_, bytes);
}

void stranger_memory::account::settle() {
  const std::lock_guard guard{of_->mutex_};
  settled_ = true;
  if (const auto bytes = std::exchange(charged_, 0); bytes > 0)
    of_->give_back(owner_, bytes);
}

} // namespace tidegate
