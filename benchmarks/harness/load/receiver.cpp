#include "benchmarks/harness/load/receiver.hpp"

#include "benchmarks/harness/figures/stamp.hpp"

namespace tidegate::harness {

bool receiver::take(std::string_view payload) {
  const auto found = read_stamp(payload);
  if (!found || found->run != run_ || found->sender >= from_.size()
      || found->sequence >= figures_.published) {
    ++foreign_;
    return true;
  }
  if (!from_[found->sender].add(found->sequence))
    return false;
  if (batch_time_ == std::chrono::nanoseconds{})
    batch_time_ = stamp_clock();
  if (found->sent >= figures_.record_from)
    figures_.delivery.record(batch_time_ - found->sent);
  ++figures_.delivered;
  figures_.last_delivered = batch_time_;
  return true;
}

} // namespace tidegate::harness
