#pragma once

#include "actors/metrics.hpp"
#include "messages/block.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace tidegate {

/// The edge hub's metrics of one sink's queue and deliveries (edge-hub spec,
/// section 11). Instruments are looked up once per sender and output: to find
/// them in the registry costs as much as delivering fifty messages.
class route_meters {
public:
  /// `all` may be null: then nothing is counted. `to` and `input` name the
  /// sink in labels.
  route_meters(std::shared_ptr<metrics> all, std::string endpoint,
               std::string to, std::string input);

  /// `count` messages with one head reached the target: `age` after they were
  /// stored, `waited` after they were given to it. All are counted; the times
  /// are those of one call in sixteen, because a summary sorts what it is
  /// told.
  void delivered(const head_ptr& head, std::uint32_t priority,
                 std::uint32_t count, std::chrono::milliseconds age,
                 std::chrono::steady_clock::duration waited);

  /// `count` messages with one head expired first.
  void expired(const head_ptr& head, std::uint32_t priority,
               std::uint32_t count);

  /// So many messages wait in the queue of `priority`.
  void queue(std::uint32_t priority, std::uint64_t length);

private:
  struct instruments {
    prometheus::Counter* sent = nullptr;
    prometheus::Counter* expired = nullptr;
    prometheus::Summary* send_duration = nullptr;
    prometheus::Summary* process_duration = nullptr;
  };

  /// What was found for the head that came last.
  struct latest {
    head_ptr head; ///< keeps the address from being used again
    std::uint32_t priority = 0;
    const instruments* found = nullptr;
  };

  const instruments& find(const head_ptr& head, std::uint32_t priority);
  instruments look_up(const message_head& head, const std::string& output,
                      std::uint32_t priority);

  std::shared_ptr<metrics> all_;
  std::string endpoint_;
  std::string to_;
  std::string input_;
  /// By sender, output and priority.
  std::unordered_map<std::string, instruments> known_;
  /// How many outputs of a sender are in it, by the start of their keys.
  std::unordered_map<std::string, std::size_t> outputs_;
  latest latest_;
  std::string key_; ///< keeps its memory
  std::uint32_t calls_ = 0;
  std::map<std::uint32_t, prometheus::Gauge*> queues_;
};

} // namespace tidegate
