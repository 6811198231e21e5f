#include "benchmarks/harness/chaos/trial.hpp"

#include "benchmarks/harness/nodes/client_identity.hpp"
#include "benchmarks/harness/nodes/event_reader.hpp"
#include "benchmarks/harness/nodes/process_search.hpp"
#include "messages/error_text.hpp"

#include <csignal>
#include <cstdio>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

/// Longer than anything takes that is not broken.
constexpr std::chrono::duration<double> patience = 30s;
/// How long the filling of the quota may go on, and how long a silence says
/// that the store takes no more.
constexpr auto longest_fill = 4s;
constexpr auto silence = 300ms;
constexpr auto look_every = 50ms;

load_plan plan_of(std::vector<client_spec> publishers, std::uint64_t seed) {
  load_plan plan;
  plan.publishers = std::move(publishers);
  plan.run = static_cast<std::uint32_t>(seed ^ seed >> 32);
  plan.persistent = true;
  return plan;
}

site_plan plan_of(const chaos_options& options,
                  const std::filesystem::path& folder,
                  const std::filesystem::path& relay) {
  site_plan plan;
  plan.folder = folder;
  plan.program = own_program();
  plan.gateway_quota = options.quota;
  plan.gateway_routes = chaos_routes(!relay.empty());
  if (!relay.empty())
    plan.manifest = chaos_manifest(relay);
  return plan;
}

} // namespace

trial::trial(event_loop& loop, const stream_factory& streams,
             const chaos_options& options, std::filesystem::path folder,
             std::filesystem::path relay)
  : loop_(loop), streams_(streams), options_(options),
    folder_(std::move(folder)), relay_(std::move(relay)),
    site_(loop, plan_of(options, folder_, relay_)) {}

std::vector<client_spec> trial::make_publishers() {
  std::vector<client_spec> publishers;
  for (std::size_t i = 0; i < options_.publishers; ++i) {
    const auto through_relay = !relay_.empty() && i % 2 == 1;
    const auto speaks
      = !options_.no_amqp && i % 4 >= 2 ? protocol::amqp : protocol::mqtt;
    const auto made = site_.add_device(chaos_publisher(i, through_relay));
    if (!made) {
      result_.fault(error_text(made.error()));
      return {};
    }
    auto one = identify(*made, site_.gateway_door(speaks, layer::plain), speaks,
                        role::publish);
    one.spec.window = options_.window;
    one.spec.payload_size = options_.size;
    publishers.push_back(std::move(one.spec));
  }
  return publishers;
}

bool trial::start() {
  if (auto why = site_.start(); !why.empty()) {
    result_.fault(std::move(why));
    return false;
  }
  auto publishers = make_publishers();
  if (publishers.empty())
    return false;
  load_ = std::make_unique<load>(streams_,
                                 plan_of(std::move(publishers), options_.seed));
  events_ = &load_->add_receiver();
  bool ready = false;
  load_->connect_publishers([&] { ready = true; });
  loop_.run_until([&] { return ready; }, [] { return 0; }, patience);
  if (!ready)
    result_.fault("not every publisher could connect; see "
                  + site_.gateway().log_file().string());
  return ready;
}

void trial::restart(node& which, std::chrono::milliseconds after) {
  which.kill();
  loop_.run_for(after);
  if (auto why = which.start(); !why.empty())
    result_.fault(std::move(why));
}

void trial::disturb_wires(wire how, std::chrono::milliseconds lasts) {
  site_.set_wires(how);
  loop_.run_for(lasts);
  site_.set_wires(wire::good);
}

void trial::kill_module() {
  for (const auto pid : find_processes(relay_, folder_.string()))
    ::kill(pid, SIGKILL);
}

void trial::pause_module(std::chrono::milliseconds lasts) {
  const auto modules = find_processes(relay_, folder_.string());
  for (const auto pid : modules)
    ::kill(pid, SIGSTOP);
  loop_.run_for(lasts);
  for (const auto pid : modules)
    ::kill(pid, SIGCONT);
}

void trial::fill_quota() {
  const auto& figures = load_->figures();
  site_.set_wires(wire::cut);
  load_->publish(std::uint64_t{1} << 40);
  auto last = figures.acknowledged;
  bool full = false;
  const auto end = std::chrono::steady_clock::now() + longest_fill;
  while (!full && !loop_.interrupted()
         && std::chrono::steady_clock::now() < end) {
    loop_.run_for(silence);
    full = std::exchange(last, figures.acknowledged) == figures.acknowledged;
  }
  times_full_ += full ? 1 : 0;
  load_->hold();
  site_.set_wires(wire::good);
  load_->publish_at(options_.rate);
}

void trial::await_recovery() {
  const auto& figures = load_->figures();
  const auto before = figures.acknowledged;
  const auto begin = stamp_clock();
  const auto ended = loop_.run_until(
    [&] { return figures.acknowledged > before; }, [] { return 0; }, patience);
  if (ended == waited::stuck)
    result_.fault("nothing was acknowledged for 30 s after a fault; see "
                  + site_.gateway().log_file().string());
  recovery_.record(stamp_clock() - begin);
}

void trial::inject(const fault& what) {
  loop_.run_for(what.after);
  ++injected_[static_cast<std::size_t>(what.kind)];
  switch (what.kind) {
  case fault_kind::kill_gateway:
    restart(site_.gateway(), what.lasts);
    break;
  case fault_kind::kill_hub:
    restart(site_.hub(), what.lasts);
    break;
  case fault_kind::kill_module:
    kill_module();
    break;
  case fault_kind::cut_uplink:
    disturb_wires(wire::cut, what.lasts);
    break;
  case fault_kind::stall_uplink:
    disturb_wires(wire::stalled, what.lasts);
    break;
  case fault_kind::delay_uplink:
    disturb_wires(wire::slow, what.lasts);
    break;
  case fault_kind::pause_module:
    pause_module(what.lasts);
    break;
  case fault_kind::fill_quota:
    fill_quota();
    break;
  }
  await_recovery();
}

bool trial::settle() {
  load_->hold();
  const auto& figures = load_->figures();
  const auto ended
    = loop_.run_until([&] { return load_->acknowledged(); },
                      [&] { return figures.acknowledged; }, patience);
  if (ended != waited::done) {
    result_.fault(std::to_string(figures.published - figures.acknowledged)
                  + " messages were never acknowledged");
    return false;
  }
  load_->disconnect();
  std::uint64_t pending = 1;
  const auto drained = loop_.run_until(
    [&] {
      loop_.run_for(look_every);
      const auto status = site_.gateway().calls().status();
      pending = status ? pending_messages(*status) : pending;
      return pending == 0;
    },
    [&] { return pending; }, patience);
  if (drained != waited::done)
    result_.fault("a lane of the gateway is stuck: " + std::to_string(pending)
                  + " messages are pending");
  return drained == waited::done;
}

void trial::read_events() {
  event_reader reader{loop_.io(), [this](std::string_view body) {
                        events_->take(body);
                        events_->end_batch();
                      }};
  if (auto why = reader.start(site_.hub().command({"events", "--json"}),
                              folder_ / "events.log");
      !why.empty())
    return result_.fault(std::move(why));
  if (loop_.run_until([&] { return reader.ended(); },
                      [&] { return reader.count(); }, patience)
      != waited::done)
    result_.fault("the hub's events could not be read to their end");
}

void trial::audit(node& which, const std::string& name) {
  const auto found = run_command(which.command({"audit", "--json"}), 30s);
  if (found.code != 0)
    result_.fault("the ledger of the " + name
                  + " does not balance: " + found.output + found.errors);
}

void trial::judge() {
  const auto found = load_->verdict();
  const auto& figures = load_->figures();
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    auto key = std::string{to_string(static_cast<fault_kind>(i))};
    key[key.find(' ')] = '_';
    result_.add(key, static_cast<double>(injected_[i]));
  }
  result_.add("quota_reached", static_cast<double>(times_full_));
  result_.add("published", static_cast<double>(figures.published));
  result_.add("acknowledged", static_cast<double>(figures.acknowledged));
  result_.add("arrived", static_cast<double>(figures.delivered));
  result_.add("lost", static_cast<double>(found.lost));
  result_.add("duplicates", static_cast<double>(found.duplicates));
  result_.add("out_of_order", static_cast<double>(found.out_of_order));
  result_.add_latency("recovery", recovery_);
  if (found.lost > 0)
    result_.fault(std::to_string(found.lost)
                  + " acknowledged messages are not in the hub's event log");
  if (found.out_of_order > 0)
    result_.fault(std::to_string(found.out_of_order)
                  + " messages came out of order");
  for (std::size_t i = 0; i < options_.publishers; ++i) {
    const auto first
      = load_->publishers()[i]->acknowledged().first_missing_from(
        events_->from_senders()[i].seen(), 1);
    if (!first.empty())
      result_.fault("publisher " + std::to_string(i)
                    + " misses messages from number "
                    + std::to_string(first.front()) + " on");
  }
}

bench_result trial::run(bool progress) {
  result_.add("seed", static_cast<double>(options_.seed));
  if (!start())
    return std::move(result_);
  auto plan = plan_faults(options_.seed, options_.kills);
  if (relay_.empty())
    std::erase_if(plan, [](const fault& one) {
      return one.kind == fault_kind::kill_module
             || one.kind == fault_kind::pause_module;
    });
  const auto end = std::chrono::steady_clock::now()
                   + std::chrono::duration<double>{options_.duration};
  load_->publish_at(options_.rate);
  for (std::size_t i = 0; i < plan.size() && result_.faults.empty(); ++i) {
    if (loop_.interrupted()
        || (options_.duration > 0 && std::chrono::steady_clock::now() > end))
      break;
    inject(plan[i]);
    if (progress)
      std::fprintf(
        stderr, "%4zu of %zu  %-14s acknowledged %llu\n", i + 1, plan.size(),
        std::string{to_string(plan[i].kind)}.c_str(),
        static_cast<unsigned long long>(load_->figures().acknowledged));
  }
  if (loop_.interrupted())
    result_.fault("interrupted");
  if (settle()) {
    read_events();
    audit(site_.gateway(), "gateway");
    audit(site_.hub(), "hub");
  }
  judge();
  site_.end();
  return std::move(result_);
}

} // namespace tidegate::harness
