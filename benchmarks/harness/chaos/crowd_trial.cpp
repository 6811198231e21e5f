#include "benchmarks/harness/chaos/crowd_trial.hpp"

#include "benchmarks/harness/chaos/site_of_trial.hpp"
#include "benchmarks/harness/nodes/client_identity.hpp"
#include "messages/error_text.hpp"

#include <algorithm>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::duration<double> patience = 30s;
constexpr auto look_every = 10ms;
constexpr std::uint64_t most_of_one = 200;
/// A part of the smallest quota that leaves the gateway room for the rest.
constexpr std::uint64_t backlog_bytes = std::uint64_t{6} << 20;

} // namespace

crowd_trial::crowd_trial(event_loop& loop, const stream_factory& streams,
                         site& nodes, const chaos_options& options)
  : loop_(loop), streams_(streams), site_(nodes), options_(options) {}

std::string crowd_trial::make_senders(std::size_t count) {
  while (senders_.size() < count) {
    const auto index = senders_.size();
    const auto speaks
      = !options_.no_amqp && index % 2 == 1 ? protocol::amqp : protocol::mqtt;
    const auto made = site_.add_device(crowd_sender(index));
    if (!made)
      return error_text(made.error());
    auto one = identify(*made, site_.gateway_door(speaks, layer::plain), speaks,
                        role::publish);
    one.spec.window = options_.window;
    one.spec.payload_size = options_.size;
    senders_.push_back(std::move(one.spec));
  }
  return {};
}

/// While the uplink is there: the gateway has to ask who they are.
std::string crowd_trial::connect(load& traffic) {
  bool ready = false;
  traffic.connect_publishers([&] { ready = true; });
  if (loop_.run_until([&] { return ready; },
                      [&] { return traffic.connected(); }, patience)
      != waited::done)
    return "not every one of the crowd could connect; see "
           + site_.gateway().log_file().string();
  return {};
}

/// While the uplink is cut.
std::string crowd_trial::build(load& traffic, std::uint64_t count) {
  const auto& figures = traffic.figures();
  traffic.publish(count);
  if (loop_.run_until(
        [&] { return figures.published == count && traffic.acknowledged(); },
        [&] { return figures.acknowledged; }, patience)
      != waited::done)
    return "the crowd's messages were not all acknowledged; see "
           + site_.gateway().log_file().string();
  traffic.disconnect();
  return {};
}

std::string crowd_trial::drain(crowd_drain& into) {
  std::chrono::nanoseconds begin{};
  std::uint64_t pending = into.messages;
  const auto ended = loop_.run_until(
    [&] {
      loop_.run_for(look_every);
      const auto status = site_.gateway().calls().status();
      if (!status)
        return false;
      if (begin == std::chrono::nanoseconds{} && uplink_connected(*status))
        begin = stamp_clock();
      pending = pending_messages(*status);
      return pending == 0;
    },
    [&] { return pending; }, patience);
  if (ended != waited::done)
    return "a backlog of many senders does not drain: "
           + std::to_string(pending) + " messages are left";
  if (begin != std::chrono::nanoseconds{})
    into.took = stamp_clock() - begin;
  return {};
}

void crowd_trial::run(bench_result& result) {
  const auto most = 4 * options_.crowd;
  const auto each = std::clamp<std::uint64_t>(
    backlog_bytes / (most * (options_.size + 128)), 1, most_of_one);
  auto why = make_senders(most);
  std::vector<crowd_drain> drains;
  for (auto count = options_.crowd; count <= most && why.empty(); count *= 2) {
    load_plan plan;
    plan.publishers.assign(
      senders_.begin(), senders_.begin() + static_cast<std::ptrdiff_t>(count));
    plan.run = static_cast<std::uint32_t>(options_.seed + loads_.size() + 1)
               ^ 0x80000000u;
    plan.persistent = true;
    auto& traffic
      = *loads_.emplace_back(std::make_unique<load>(streams_, plan));
    traffic.add_receiver();
    crowd_drain one{count, count * each, {}};
    why = connect(traffic);
    site_.set_wires(wire::cut);
    if (why.empty())
      why = build(traffic, one.messages);
    site_.set_wires(wire::good);
    if (why.empty())
      why = drain(one);
    drains.push_back(one);
  }
  if (!why.empty())
    return result.fault(std::move(why));
  for (const auto& one : drains) {
    const auto name = "crowd_of_" + std::to_string(one.senders);
    result.add(name + "_drain_seconds", one.took.count(), unit::seconds);
    result.add(name + "_per_message_seconds", one.per_message(), unit::seconds);
  }
  for (auto& sentence : judge_drains(drains, options_.drain_floor))
    result.fault(std::move(sentence));
}

bool crowd_trial::take(std::string_view body) {
  bool fresh = true;
  for (const auto& traffic : loads_)
    fresh = traffic->receivers().front()->take(body) && fresh;
  return fresh;
}

void crowd_trial::judge(bench_result& result) {
  load_verdict all;
  std::uint64_t acknowledged = 0;
  for (const auto& traffic : loads_) {
    const auto found = traffic->verdict();
    all.lost += found.lost;
    all.out_of_order += found.out_of_order;
    acknowledged += traffic->figures().acknowledged;
  }
  result.add("crowd_acknowledged", static_cast<double>(acknowledged));
  result.add("crowd_lost", static_cast<double>(all.lost));
  for (const auto& sentence : all.faults())
    result.fault("of the crowd, " + sentence);
}

} // namespace tidegate::harness
