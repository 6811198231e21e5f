#include "benchmarks/harness/chaos/twin_trial.hpp"

#include "benchmarks/harness/nodes/client_identity.hpp"
#include "messages/error_text.hpp"

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t device_count = 4;
constexpr auto pause = 100ms;
/// Longer than anything takes that is not broken.
constexpr std::chrono::duration<double> patience = 30s;

} // namespace

twin_trial::twin_trial(event_loop& loop, const stream_factory& streams,
                       site& nodes)
  : loop_(loop), streams_(streams), site_(nodes), timer_(loop.io()) {}

std::string twin_trial::start() {
  connection_observer& observer = *this;
  for (std::size_t i = 0; i < device_count; ++i) {
    const auto made = site_.add_device("twin-" + std::to_string(i));
    if (!made)
      return error_text(made.error());
    auto one = identify(*made, site_.gateway_door(protocol::mqtt, layer::plain),
                        protocol::mqtt, role::report);
    if (!one.fault.empty())
      return one.fault;
    devices_.push_back(
      std::make_unique<twin_device>(streams_, std::move(one.spec), observer));
    devices_.back()->start();
  }
  changed_.resize(device_count);
  tick();
  return {};
}

void twin_trial::tick() {
  change(++next_);
  timer_.expires_after(pause);
  timer_.async_wait([this](boost::system::error_code stopped) {
    if (!stopped)
      tick();
  });
}

/// The hub may be away just now; then it has not taken the change.
void twin_trial::change(std::uint64_t n) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    devices_[i]->report(n);
    if (site_.hub().calls().want(devices_[i]->id(), n))
      continue;
    changed_[i] = n;
    ++changes_;
  }
}

bool twin_trial::converged() const {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto& one = *devices_[i];
    const auto shown = site_.hub().calls().reported(one.id());
    if (!shown || one.acknowledged() != next_ || *shown != next_
        || one.desired() != changed_[i])
      return false;
  }
  return true;
}

void twin_trial::judge(bench_result& result) {
  timer_.cancel();
  const auto ended = loop_.run_until(
    [&] {
      loop_.run_for(50ms);
      return converged();
    },
    [] { return 0; }, patience);
  std::uint64_t reports = 0;
  for (const auto& one : devices_)
    reports += one->reports();
  result.add("reported", static_cast<double>(reports));
  result.add("desired", static_cast<double>(changes_));
  for (std::size_t i = 0; i < devices_.size() && ended != waited::done; ++i) {
    const auto& one = *devices_[i];
    const auto shown = site_.hub().calls().reported(one.id());
    result.fault("the twin of " + one.id() + " has not converged: it reported "
                 + std::to_string(next_) + ", acknowledged "
                 + std::to_string(one.acknowledged().value_or(0))
                 + ", the hub shows "
                 + (shown ? std::to_string(*shown) : error_text(shown.error()))
                 + "; it is to be " + std::to_string(changed_[i])
                 + " and knows " + std::to_string(one.desired()));
  }
  for (const auto& one : devices_)
    one->stop();
}

} // namespace tidegate::harness
