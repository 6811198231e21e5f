#include "benchmarks/harness/chaos/injector.hpp"

#include "benchmarks/harness/chaos/site_of_trial.hpp"
#include "benchmarks/harness/nodes/process_search.hpp"

#include <algorithm>
#include <csignal>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

/// Longer than anything takes that is not broken.
constexpr std::chrono::duration<double> patience = 30s;
constexpr auto look_every = 20ms;
/// A slow module runs for the first of these, then stands for the second.
constexpr auto slow_runs = 5ms;
constexpr auto slow_stands = 45ms;

/// A disk that is slow to sync; and what may wait for it is acknowledgements,
/// and no answer for longer than this.
constexpr auto shortest_sync = 10ms;
constexpr auto longest_sync = 500ms;
constexpr std::chrono::duration<double> longest_answer = 1s;
constexpr std::array<std::chrono::seconds, 3> clock_steps{1h, 24h, -1h};

std::string name_of(offence how) {
  if (how == offence::topic)
    return "long a topic";
  return how == offence::payload ? "many bytes" : "many properties";
}

/// More than is sent while the quota fills.
constexpr auto no_end = std::uint64_t{1} << 40;

} // namespace

injector::injector(event_loop& loop, site& target, load& traffic,
                   std::vector<std::string> modules, double rate)
  : loop_(loop), site_(target), load_(traffic), modules_(std::move(modules)),
    rate_(rate) {}

std::string injector::inject(const fault& what) {
  loop_.run_for(what.after);
  note_log_length();
  auto why = needs_module(what.kind) ? do_to_module(what) : do_to_site(what);
  if (!why.empty())
    return std::string{to_string(what.kind)} + ": " + why;
  ++injected_[static_cast<std::size_t>(what.kind)];
  kills_ += is_kill(what.kind) ? 1 : 0;
  return await_recovery();
}

std::string injector::do_to_site(const fault& what) {
  switch (what.kind) {
  case fault_kind::kill_gateway:
    return restart(site_.gateway(), what.lasts);
  case fault_kind::kill_hub:
    return restart(site_.hub(), what.lasts);
  case fault_kind::cut_uplink:
    return disturb_wires(wire::cut, what.lasts);
  case fault_kind::stall_uplink:
    return disturb_wires(wire::stalled, what.lasts);
  case fault_kind::delay_uplink:
    return disturb_wires(wire::slow, what.lasts);
  case fault_kind::kill_cut_gateway:
    return kill_while_cut(what.lasts);
  case fault_kind::fill_quota:
  case fault_kind::kill_full_gateway:
    return fill_quota(what);
  case fault_kind::slow_sync:
    return slow_sync(what);
  case fault_kind::step_clock:
    return step_clocks(what);
  case fault_kind::oversized:
    return send_oversized(what);
  default:
    return "is nothing to do to a site";
  }
}

std::string injector::do_to_module(const fault& what) {
  const auto& name = modules_[what.choice % modules_.size()];
  const auto pid = await_module(name);
  if (pid == 0)
    return "the module " + name + " does not run; see "
           + site_.gateway().log_file().string();
  if (what.kind == fault_kind::kill_module) {
    ::kill(pid, SIGKILL);
  } else if (what.kind == fault_kind::pause_module) {
    ::kill(pid, SIGSTOP);
    loop_.run_for(what.lasts);
    ::kill(pid, SIGCONT);
  } else {
    const auto end = std::chrono::steady_clock::now() + what.lasts;
    while (std::chrono::steady_clock::now() < end && !loop_.interrupted()) {
      ::kill(pid, SIGSTOP);
      loop_.run_for(slow_stands);
      ::kill(pid, SIGCONT);
      loop_.run_for(slow_runs);
    }
  }
  return {};
}

std::string injector::restart(node& which, std::chrono::milliseconds after) {
  if (!which.running())
    return "it had ended by itself; see " + which.log_file().string();
  which.kill();
  loop_.run_for(after);
  return which.start();
}

std::string injector::disturb_wires(wire how, std::chrono::milliseconds lasts) {
  if (auto why = await_uplink(); !why.empty())
    return why;
  site_.set_wires(how);
  loop_.run_for(lasts);
  site_.set_wires(wire::good);
  return {};
}

std::string injector::kill_while_cut(std::chrono::milliseconds lasts) {
  if (auto why = await_uplink(); !why.empty())
    return why;
  site_.set_wires(wire::cut);
  loop_.run_for(lasts);
  auto why = restart(site_.gateway(), {});
  if (why.empty())
    why = site_.gateway().await_ready(loop_);
  loop_.run_for(lasts);
  site_.set_wires(wire::good);
  return why;
}

std::string injector::fill_quota(const fault& what) {
  site_.set_wires(wire::cut);
  const auto before = refused();
  load_.publish(no_end);
  auto why = await_refusal(before);
  loop_.run_for(what.lasts);
  if (why.empty() && what.kind == fault_kind::kill_full_gateway) {
    why = restart(site_.gateway(), {});
    // What filled it is still there.
    if (why.empty())
      why = await_refusal(0);
  }
  load_.hold();
  site_.set_wires(wire::good);
  load_.publish_at(rate_);
  return why;
}

std::string injector::slow_sync(const fault& what) {
  auto& which = what.choice % 2 == 0 ? site_.gateway() : site_.hub();
  if (auto why = which.await_ready(loop_); !why.empty())
    return why;
  const auto before = which.on().slow_syncs();
  which.on().slow_sync(shortest_sync, longest_sync);
  const auto end = std::chrono::steady_clock::now() + what.lasts;
  std::string why;
  while (std::chrono::steady_clock::now() < end && why.empty()
         && !loop_.interrupted()) {
    loop_.run_for(look_every);
    const auto asked = stamp_clock();
    const auto status = which.calls().status();
    const auto took
      = std::chrono::duration<double>{stamp_clock() - asked}.count();
    longest_status_ = std::max(longest_status_, took);
    if (!status || took > longest_answer.count())
      why = "a question for the status of " + which.settings().host
            + " waited for the disk, " + std::to_string(took) + " s; see "
            + which.log_file().string();
  }
  which.on().slow_sync(0ms, 0ms);
  if (why.empty() && which.on().slow_syncs() == before)
    why = "nothing was synced at " + which.settings().host;
  return why;
}

std::string injector::step_clocks(const fault& what) {
  const auto step = clock_steps[what.choice % clock_steps.size()];
  std::vector<node*> stepped;
  switch (what.choice / clock_steps.size() % 3) {
  case 0:
    stepped = {&site_.gateway()};
    break;
  case 1:
    stepped = {&site_.hub()};
    break;
  default:
    stepped = {&site_.gateway(), &site_.hub()};
  }
  std::vector<std::uint64_t> before;
  for (auto* const one : stepped) {
    before.push_back(one->on().wrong_times());
    one->on().step_clock(step);
  }
  loop_.run_for(what.lasts);
  std::string why;
  for (std::size_t i = 0; i < stepped.size(); ++i) {
    if (stepped[i]->on().wrong_times() == before[i])
      why = stepped[i]->settings().host + " did not look at its clock";
    stepped[i]->on().step_clock(0s);
  }
  return why;
}

std::string injector::send_oversized(const fault& what) {
  const auto& senders = load_.publishers();
  const auto index = what.choice % senders.size();
  auto& sender = *senders[index];
  const auto over_mqtt = sender.speaks() == protocol::mqtt;
  auto how = static_cast<offence>(what.choice / senders.size() % offences);
  if (how == offence::topic && !(over_mqtt && is_relayed(index, modules_)))
    how = offence::payload;
  const auto before = sender.refused_offences();
  sender.offend(how);
  const auto found = loop_.run_until(
    [&] {
      return sender.refused_offences() > before
             || !sender.wrong_answer().empty();
    },
    [] { return 0; }, patience);
  const auto which = std::string{"one with too "} + name_of(how) + " over "
                     + (over_mqtt ? "MQTT" : "AMQP") + ": ";
  if (!sender.wrong_answer().empty())
    return which + sender.wrong_answer();
  return found == waited::stuck ? which + "it was not refused within 30 s"
                                : std::string{};
}

void injector::note_log_length() {
  const auto status = site_.hub().calls().status();
  lengths_.push_back(status             ? accepted_messages(*status)
                     : lengths_.empty() ? 0
                                        : lengths_.back());
}

std::string injector::await_refusal(std::uint64_t before) {
  const auto found = loop_.run_until(
    [&] {
      loop_.run_for(look_every);
      return refused() > before;
    },
    [] { return 0; }, patience);
  if (found == waited::stuck)
    return "the store did not refuse within 30 s; see "
           + site_.gateway().log_file().string();
  ++times_full_;
  return {};
}

std::string injector::await_uplink() {
  const auto found = loop_.run_until(
    [&] {
      loop_.run_for(look_every);
      const auto status = site_.gateway().calls().status();
      return status && uplink_connected(*status);
    },
    [] { return 0; }, patience);
  return found == waited::stuck ? "the uplink was not up within 30 s; see "
                                    + site_.gateway().log_file().string()
                                : std::string{};
}

pid_t injector::await_module(const std::string& name) {
  std::vector<pid_t> found;
  loop_.run_until(
    [&] {
      loop_.run_for(look_every);
      found
        = find_module(own_program(), site_.gateway().settings().folder, name);
      return !found.empty();
    },
    [] { return 0; }, patience);
  return found.empty() ? 0 : found.front();
}

std::string injector::await_recovery() {
  const auto& figures = load_.figures();
  const auto before = figures.acknowledged;
  const auto begin = stamp_clock();
  const auto ended = loop_.run_until(
    [&] { return figures.acknowledged > before; }, [] { return 0; }, patience);
  if (ended == waited::stuck)
    return "nothing was acknowledged for 30 s after a fault; see "
           + site_.gateway().log_file().string();
  recovery_.record(stamp_clock() - begin);
  return {};
}

std::uint64_t injector::refused() const {
  const auto status = site_.gateway().calls().status();
  return status ? refused_messages(*status) : 0;
}

void injector::report(bench_result& into) const {
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    std::string key{to_string(static_cast<fault_kind>(i))};
    std::replace(key.begin(), key.end(), ' ', '_');
    into.add(key, static_cast<double>(injected_[i]));
  }
  into.add("kills", static_cast<double>(kills_));
  into.add("quota_reached", static_cast<double>(times_full_));
  if (longest_status_ > 0)
    into.add("longest_status_beside_slow_disk_seconds", longest_status_,
             unit::seconds);
  into.add_latency("recovery", recovery_);
}

} // namespace tidegate::harness
