#include "benchmarks/harness/chaos/method_trial.hpp"

#include "benchmarks/harness/nodes/client_identity.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <algorithm>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t device_count = 2;
constexpr auto pause = 50ms;
/// Longer than anything takes that is not broken.
constexpr std::chrono::duration<double> patience = 30s;

} // namespace

method_trial::~method_trial() {
  stopping_ = true;
  if (caller_.joinable())
    caller_.join();
}

std::string method_trial::start() {
  connection_observer& observer = *this;
  for (std::size_t i = 0; i < device_count; ++i) {
    const auto made = site_.add_device("method-" + std::to_string(i));
    if (!made)
      return error_text(made.error());
    auto one = identify(*made, site_.gateway_door(protocol::mqtt, layer::plain),
                        protocol::mqtt, role::answer);
    if (!one.fault.empty())
      return one.fault;
    auto& added = devices_.emplace_back();
    added.device = std::make_unique<method_device>(
      streams_, std::move(one.spec), observer);
    added.device->start();
  }
  caller_ = std::thread{[this] { call_all(); }};
  return {};
}

void method_trial::call_all() {
  const auto answers = [](const called& one) { return one.answers_at_the_end; };
  for (std::uint64_t n = 1; !stopping_ && !finished_; ++n) {
    for (auto& one : devices_)
      call(one, n);
    finished_ = std::all_of(devices_.begin(), devices_.end(), answers);
    std::this_thread::sleep_for(pause);
  }
}

void method_trial::call(called& one, std::uint64_t n) {
  const bool last = finishing_;
  const auto echo = site_.hub().calls().invoke(one.device->id(), n);
  if (echo && *echo == n) {
    one.answered.push_back(n);
    one.answers_at_the_end = last;
    return;
  }
  ++one.failed;
  if (echo)
    wrong_.push_back("call " + std::to_string(n) + " of " + one.device->id()
                     + " was answered with " + std::to_string(*echo));
  else if (echo.error() == ec::timed_out)
    wrong_.push_back("call " + std::to_string(n) + " of " + one.device->id()
                     + " had no answer in time");
}

void method_trial::judge(const called& one, bench_result& result) const {
  const auto& id = one.device->id();
  const auto& calls = one.device->calls();
  for (const auto& [n, count] : calls)
    if (count > 1 || n == 0)
      result.fault(id + " was called " + std::to_string(count) + " times with "
                   + std::to_string(n));
  for (const auto n : one.answered)
    if (calls.count(n) == 0)
      result.fault("call " + std::to_string(n) + " of " + id
                   + " was answered, but not by the device");
  if (!one.answers_at_the_end)
    result.fault(id + " could not be called at the end");
}

void method_trial::judge(bench_result& result) {
  finishing_ = true;
  loop_.run_until(
    [&] {
      loop_.run_for(50ms);
      return finished_.load();
    },
    [] { return 0; }, patience);
  stopping_ = true;
  caller_.join();
  std::size_t answered = 0;
  unsigned failed = 0;
  for (const auto& one : devices_) {
    answered += one.answered.size();
    failed += one.failed;
    judge(one, result);
    one.device->stop();
  }
  for (const auto& why : wrong_)
    result.fault(why);
  result.add("method_calls_answered", static_cast<double>(answered));
  result.add("method_calls_failed", failed);
}

} // namespace tidegate::harness
