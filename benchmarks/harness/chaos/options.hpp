#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidegate::harness {

/// What the command line of `tidegate chaos` says.
struct chaos_options {
  std::uint64_t seed = 0; ///< 0: a new one, which is printed
  std::size_t kills = 50; ///< processes killed in all
  double duration = 0;    ///< seconds after which no new fault begins; 0: none
  bool quick = false;     ///< few kills, for every change
  std::size_t publishers = 8;
  double rate = 2000;      ///< messages/s of all publishers
  std::size_t size = 1024; ///< bytes of payload
  std::uint16_t window = 20;
  std::string quota = "16 MiB"; ///< of the gateway's store
  bool no_modules = false;      ///< neither relays nor faults that need one
  bool no_amqp = false;         ///< publishers speak MQTT only
  bool no_crowd = false;        ///< no backlogs of many senders at the end
  std::size_t crowd = 50;       ///< senders of the first of three backlogs
  double drain_floor = 1000;    ///< messages/s that a backlog drains at least
  std::uint64_t most_duplicates = 0; ///< after one fault; 0: by the rate
  bool no_clock_steps = false;       ///< the nodes' wall clocks are right
  std::string folder;                ///< where the nodes live; empty: a new one
  bool keep = false;                 ///< leave the folder there
  bool json = false;
  bool progress = false;
};

/// Registers the options on `command`, to be read into `into`, which must
/// live as long as `command`.
void add_chaos_options(CLI::App& command, chaos_options& into);

} // namespace tidegate::harness
