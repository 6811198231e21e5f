#include "benchmarks/harness/chaos/options.hpp"

#include "benchmarks/harness/figures/stamp.hpp"

#include <CLI/Validators.hpp>

namespace tidegate::harness {

void add_chaos_options(CLI::App& command, chaos_options& into) {
  command.add_option("--seed", into.seed, "repeat the faults of another run");
  command.add_option("--kills", into.kills, "processes to kill")
    ->check(CLI::Range(0, 1'000'000));
  command
    .add_option("--duration", into.duration,
                "seconds after which no new fault begins")
    ->check(CLI::NonNegativeNumber);
  command.add_flag("--quick", into.quick,
                   "every kind of fault, 10 kills, a small crowd");
  command.add_option("--publishers", into.publishers, "connections that send")
    ->check(CLI::Range(1, 1000));
  command.add_option("--rate", into.rate, "messages/s in all")
    ->check(CLI::PositiveNumber);
  command.add_option("--size", into.size, "bytes of payload")
    ->check(CLI::Range(smallest_payload, std::size_t{200'000}));
  command.add_option("--window", into.window, "unacknowledged, per publisher")
    ->check(CLI::Range(1, 65'535));
  command.add_option("--quota", into.quota, "of the gateway's store");
  command.add_flag("--no-modules", into.no_modules,
                   "neither relay modules nor faults that need one");
  command.add_flag("--no-amqp", into.no_amqp,
                   "publishers and modules speak MQTT only");
  command.add_flag("--no-clock-steps", into.no_clock_steps,
                   "leave the wall clocks of the nodes alone");
  command.add_flag("--no-crowd", into.no_crowd,
                   "no backlogs of many senders at the end");
  command
    .add_option("--crowd", into.crowd,
                "senders of the first of three backlogs; the others have "
                "twice and four times as many")
    ->check(CLI::Range(1, 1000));
  command
    .add_option("--drain-floor", into.drain_floor,
                "messages/s that each of them drains at least")
    ->check(CLI::NonNegativeNumber);
  command.add_option("--most-duplicates", into.most_duplicates,
                     "that may follow one fault (default: what is under way "
                     "and the load of 100 ms)");
  command.add_option("--folder", into.folder,
                     "where the nodes live (default: a new one)");
  command.add_flag("--keep", into.keep, "leave the folder there");
  command.add_flag("--json", into.json, "the verdict as one JSON object");
  command.add_flag("--progress", into.progress,
                   "a line per fault, also when not on a terminal");
}

} // namespace tidegate::harness
