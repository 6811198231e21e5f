#include "benchmarks/harness/load/publisher.hpp"

namespace tidegate::harness {

namespace {

constexpr std::chrono::nanoseconds window_decides{};

} // namespace

publisher::publisher(const stream_factory& streams, client_spec spec,
                     stamp origin, load_figures& figures,
                     connection_observer& observer, bool persistent)
  : connection_(streams, std::move(spec), *this, observer, persistent),
    figures_(figures), origin_(origin), sent_(connection_.spec().window) {}

void publisher::release(std::uint64_t count, std::chrono::nanoseconds when) {
  allowed_ += count;
  releases_.push_back({allowed_, when});
}

void publisher::allow(std::uint64_t count) { release(count, window_decides); }

void publisher::hold() {
  allowed_ = next_;
  releases_.clear();
}

std::chrono::nanoseconds publisher::ready_since(std::uint64_t sequence) {
  while (releases_.front().until <= sequence)
    releases_.pop_front();
  if (releases_.front().when != window_decides)
    return releases_.front().when;
  if (batch_time_ == std::chrono::nanoseconds{})
    batch_time_ = stamp_clock();
  return batch_time_;
}

void publisher::pump() {
  auto* const out = connection_.live();
  if (!out)
    return;
  send_offence(*out);
  const auto limit = std::min(allowed_, base_ + sent_.size());
  for (; cursor_ < limit; ++cursor_) {
    auto& sent = sent_[cursor_ % sent_.size()];
    if (cursor_ == next_)
      sent = ready_since(cursor_);
    else if (acknowledged_.contains(cursor_))
      continue;
    auto what = origin_;
    what.sequence = cursor_;
    what.sent = sent;
    if (!out->publish(cursor_, what))
      break;
    if (cursor_ == next_) {
      ++next_;
      ++figures_.published;
    }
  }
  batch_time_ = {};
  out->flush();
}

void publisher::send_offence(client& out) {
  if (!offence_ || offending_ || !out.offend(*offence_))
    return;
  offence_.reset();
  offending_ = true;
}

void publisher::on_offence_answered(bool taken) {
  offending_ = false;
  if (taken)
    wrong_answer_ = "it was taken";
  else
    ++refused_offences_;
}

void publisher::on_ready() {
  cursor_ = base_;
  connection_.ready();
  pump();
}

void publisher::on_acknowledged(std::uint64_t sequence) {
  if (sequence >= next_ || !acknowledged_.insert(sequence))
    return;
  if (batch_time_ == std::chrono::nanoseconds{})
    batch_time_ = stamp_clock();
  const auto sent = sent_[sequence % sent_.size()];
  if (sent >= figures_.record_from)
    figures_.acknowledgement.record(batch_time_ - sent);
  ++figures_.acknowledged;
  figures_.last_acknowledged = batch_time_;
  while (base_ < next_ && acknowledged_.contains(base_))
    ++base_;
}

bool publisher::on_message(std::string_view) { return true; }

void publisher::on_batch_end() { pump(); }

void publisher::on_closed(std::string_view why) {
  batch_time_ = {};
  if (std::exchange(offending_, false)) {
    if (speaks() == protocol::mqtt)
      ++refused_offences_;
    else
      wrong_answer_ = "the connection was closed: " + std::string{why};
  }
  connection_.closed(why);
}

} // namespace tidegate::harness
