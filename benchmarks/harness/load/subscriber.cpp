#include "benchmarks/harness/load/subscriber.hpp"

namespace tidegate::harness {

subscriber::subscriber(const stream_factory& streams, client_spec spec,
                       std::uint32_t run, std::size_t senders,
                       load_figures& figures, connection_observer& observer,
                       bool persistent)
  : connection_(streams, std::move(spec), *this, observer, persistent),
    figures_(figures), run_(run), from_(senders) {}

void subscriber::on_message(std::string_view payload) {
  const auto found = read_stamp(payload);
  if (!found || found->run != run_ || found->sender >= from_.size()
      || found->sequence >= figures_.published) {
    ++foreign_;
    return;
  }
  if (!from_[found->sender].add(found->sequence))
    return;
  if (batch_time_ == std::chrono::nanoseconds{})
    batch_time_ = stamp_clock();
  if (found->sent >= figures_.record_from)
    figures_.delivery.record(batch_time_ - found->sent);
  ++delivered_;
  ++figures_.delivered;
  figures_.last_delivered = batch_time_;
}

} // namespace tidegate::harness
