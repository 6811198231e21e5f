#pragma once

#include "actors/routing/delivery_window.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace tidegate {

/// Divides the memory for messages on their way between the targets that are
/// there: few may have much, thousands get little each. One for all routes of
/// a node; safe from any thread.
class delivery_budget {
public:
  /// For messages that wait in memory for their targets, and for those that
  /// are with them.
  static constexpr std::size_t read_ahead_bytes = std::size_t{64} << 20;
  static constexpr std::size_t in_flight_bytes = std::size_t{128} << 20;

  /// Held while a target is there.
  class share {
  public:
    share() = default;
    explicit share(std::shared_ptr<delivery_budget> of) : of_{std::move(of)} {
      if (of_)
        ++of_->shares_;
    }
    share(share&& other) noexcept : of_{std::exchange(other.of_, nullptr)} {}
    share& operator=(share&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~share() {
      if (of_)
        --of_->shares_;
    }

    /// Bytes for what waits in memory.
    std::size_t read_ahead() const {
      return part(read_ahead_bytes, std::size_t{64} << 10,
                  std::size_t{4} << 20);
    }
    /// Bytes for what is with the target.
    std::size_t in_flight() const {
      return part(in_flight_bytes, std::size_t{256} << 10,
                  most_delivered_bytes);
    }
    /// Messages that may be with it however large they are: fewer where many
    /// share the memory.
    std::uint32_t fewest() const {
      const auto whole = fewest_delivered * in_flight();
      return static_cast<std::uint32_t>(
        std::max<std::size_t>(whole / most_delivered_bytes, 1));
    }

  private:
    std::size_t part(std::size_t whole, std::size_t least,
                     std::size_t most) const {
      const auto among = of_ ? std::max<std::size_t>(of_->shares_, 1) : 1;
      return std::clamp(whole / among, least, most);
    }

    std::shared_ptr<delivery_budget> of_;
  };

private:
  std::atomic<std::size_t> shares_ = 0;
};

} // namespace tidegate
