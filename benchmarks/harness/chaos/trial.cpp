#include "benchmarks/harness/chaos/trial.hpp"

#include "benchmarks/harness/chaos/duplicates.hpp"
#include "benchmarks/harness/chaos/ledger.hpp"
#include "benchmarks/harness/chaos/site_of_trial.hpp"
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
constexpr auto look_every = 50ms;
/// Longer than a message waits in any trial, shorter than a step of a clock.
constexpr const char* time_to_live = "10m";

load_plan plan_of(std::vector<client_spec> publishers, std::uint64_t seed) {
  load_plan plan;
  plan.publishers = std::move(publishers);
  plan.run = static_cast<std::uint32_t>(seed ^ seed >> 32);
  plan.persistent = true;
  return plan;
}

site_plan plan_of(const chaos_options& options,
                  const std::filesystem::path& folder,
                  const std::vector<std::string>& relays) {
  site_plan plan;
  plan.folder = folder;
  plan.program = own_program();
  plan.gateway_quota = options.quota;
  plan.machine_library = machine_library();
  if (!options.no_clock_steps)
    plan.gateway_time_to_live = time_to_live;
  plan.gateway_routes = chaos_routes(relays);
  if (!relays.empty())
    plan.manifest = [relays](const node_ports& ports) {
      return chaos_manifest(own_program(), relays, ports);
    };
  return plan;
}

std::vector<std::string> relays_of(const chaos_options& options) {
  if (options.no_modules)
    return {};
  return relay_names(!options.no_amqp);
}

} // namespace

trial::trial(event_loop& loop, const stream_factory& streams,
             const chaos_options& options, std::filesystem::path folder)
  : loop_(loop), streams_(streams), options_(options),
    folder_(std::move(folder)), relays_(relays_of(options)),
    site_(loop, plan_of(options, folder_, relays_)),
    twins_(loop, streams, site_), methods_(loop, streams, site_),
    crowd_(loop, streams, site_, options) {}

std::vector<client_spec> trial::make_publishers() {
  std::vector<client_spec> publishers;
  for (std::size_t i = 0; i < options_.publishers; ++i) {
    const auto speaks
      = !options_.no_amqp && i % 4 >= 2 ? protocol::amqp : protocol::mqtt;
    const auto made = site_.add_device(chaos_publisher(i, relays_));
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
  if (!result_.faults.empty())
    return false;
  for (const auto& why : {twins_.start(), methods_.start()})
    if (!why.empty())
      result_.fault(why);
  return result_.faults.empty();
}

void trial::inject_all(bool progress) {
  injector faults{loop_, site_, *load_, relays_, options_.rate};
  const auto with_machine = !machine_library().empty();
  if (!with_machine)
    std::fprintf(stderr, "no slow disk and no wrong clock: the library for "
                         "them does not lie beside the program\n");
  auto possible = possible_faults(!relays_.empty(), with_machine);
  if (options_.no_clock_steps)
    possible.reset(static_cast<std::size_t>(fault_kind::step_clock));
  const auto plan = plan_faults(options_.seed, options_.kills, possible);
  const auto end = std::chrono::steady_clock::now()
                   + std::chrono::duration<double>{options_.duration};
  load_->publish_at(options_.rate);
  for (std::size_t i = 0; i < plan.size() && result_.faults.empty(); ++i) {
    if (loop_.interrupted()
        || (options_.duration > 0 && std::chrono::steady_clock::now() > end))
      break;
    if (auto why = faults.inject(plan[i]); !why.empty())
      result_.fault(std::move(why));
    if (progress)
      std::fprintf(
        stderr, "%4zu of %zu  %-17s acknowledged %llu\n", i + 1, plan.size(),
        std::string{to_string(plan[i].kind)}.c_str(),
        static_cast<unsigned long long>(load_->figures().acknowledged));
  }
  if (loop_.interrupted())
    result_.fault("interrupted");
  faults.report(result_);
  log_lengths_ = faults.log_lengths();
}

void trial::settle() {
  load_->hold();
  const auto& figures = load_->figures();
  if (loop_.run_until([&] { return load_->acknowledged(); },
                      [&] { return figures.acknowledged; }, patience)
      != waited::done)
    result_.fault(std::to_string(figures.published - figures.acknowledged)
                  + " messages were never acknowledged");
  load_->disconnect();
  std::uint64_t pending = 1;
  if (loop_.run_until(
        [&] {
          loop_.run_for(look_every);
          const auto status = site_.gateway().calls().status();
          pending = status ? pending_messages(*status) : pending;
          return pending == 0;
        },
        [&] { return pending; }, patience)
      != waited::done)
    result_.fault("a lane of the gateway is stuck: " + std::to_string(pending)
                  + " messages are pending");
}

bool trial::read_events() {
  auto why = site_.hub().await_ready(loop_);
  duplicate_count duplicates{log_lengths_};
  std::uint64_t position = 0;
  event_reader reader{loop_.io(), [&](std::string_view body) {
                        const auto fresh = events_->take(body);
                        events_->end_batch();
                        if (!crowd_.take(body) || !fresh)
                          duplicates.add(position);
                        ++position;
                      }};
  if (why.empty())
    why = reader.start(site_.hub().command({"events", "--json"}),
                       folder_ / "events.log");
  if (why.empty()
      && loop_.run_until([&] { return reader.ended(); },
                         [&] { return reader.count(); }, patience)
           != waited::done)
    why = "they could not be read to their end";
  if (!why.empty())
    result_.fault("the hub's events: " + why);
  else
    judge_duplicates(duplicates);
  return why.empty();
}

void trial::audit(const node& which, const std::string& name) {
  const auto printed = run_command(which.command({"audit", "--json"}), 30s);
  const auto found = read_ledger(printed.output);
  if (printed.code != 0 || !found)
    return result_.fault("the ledger of the " + name + " does not balance: "
                         + printed.output + printed.errors);
  result_.add(name + "_accepted", static_cast<double>(found->accepted));
  result_.add(name + "_delivered", static_cast<double>(found->delivered));
  result_.add(name + "_pending", static_cast<double>(found->pending));
  if (found->dropped > 0)
    result_.fault("the " + name + " dropped " + std::to_string(found->dropped)
                  + " messages: " + printed.output);
}

void trial::judge() {
  const auto found = load_->verdict();
  const auto& figures = load_->figures();
  result_.add("published", static_cast<double>(figures.published));
  result_.add("acknowledged", static_cast<double>(figures.acknowledged));
  result_.add("arrived", static_cast<double>(figures.delivered));
  result_.add("lost", static_cast<double>(found.lost));
  result_.add("out_of_order", static_cast<double>(found.out_of_order));
  for (auto& why : found.faults())
    result_.fault(std::move(why));
  for (std::size_t i = 0; i < options_.publishers; ++i)
    if (auto which = lost_and_late(chaos_publisher(i, relays_),
                                   load_->publishers()[i]->acknowledged(),
                                   events_->from_senders()[i]);
        !which.empty())
      result_.fault(std::move(which));
}

void trial::judge_duplicates(const duplicate_count& found) {
  const auto bound = options_.most_duplicates > 0
                       ? options_.most_duplicates
                       : duplicate_bound(options_.rate, options_.publishers,
                                         options_.window, relays_.size());
  result_.add("duplicates", static_cast<double>(found.all()));
  result_.add("most_duplicates_after_one_fault",
              static_cast<double>(found.most()));
  result_.add("duplicates_allowed_after_one_fault", static_cast<double>(bound));
  if (found.most() > bound)
    result_.fault(std::to_string(found.most())
                  + " duplicates followed one fault, more than "
                  + std::to_string(bound));
}

void trial::end() {
  site_.end();
  for (const auto& relay : relays_)
    for (const auto pid :
         find_module(own_program(), folder_ / "gateway", relay))
      ::kill(pid, SIGKILL);
}

bench_result trial::run(bool progress) {
  result_.add("seed", static_cast<double>(options_.seed));
  if (start()) {
    inject_all(progress);
    settle();
    if (result_.faults.empty() && !options_.no_crowd)
      crowd_.run(result_);
    twins_.judge(result_);
    methods_.judge(result_);
    audit(site_.gateway(), "gateway");
    audit(site_.hub(), "hub");
    if (read_events()) {
      judge();
      crowd_.judge(result_);
    }
  }
  end();
  if (!result_.faults.empty())
    result_.fault("seed " + std::to_string(options_.seed)
                  + "; logs and stores are left in " + folder_.string());
  return std::move(result_);
}

} // namespace tidegate::harness
