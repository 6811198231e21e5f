#include "messages/iothub/property_bag.hpp"
#include "messages/mqtt/decode.hpp"
#include "messages/mqtt/encode.hpp"

#include <benchmark/benchmark.h>

using namespace tidegate;
using namespace tidegate::mqtt;

namespace {

constexpr std::string_view topic
  = "devices/edge-1/modules/pump/messages/events/%24.on=vib/";

/// 64 PUBLISHes of 128 bytes payload, as one read from a socket holds them.
std::string batch_of_publishes() {
  const std::string payload(128, 'x');
  std::string text;
  for (std::uint16_t id = 1; id <= 64; ++id)
    if (!encode(text,
                publish{topic, payload, id, qos::at_least_once, false, false}))
      return {};
  return text;
}

void frame_publishes(benchmark::State& state) {
  const auto batch = batch_of_publishes();
  for (auto _ : state)
    benchmark::DoNotOptimize(scan_frames(batch));
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(frame_publishes);

void decode_publishes(benchmark::State& state) {
  const auto batch = batch_of_publishes();
  for (auto _ : state) {
    packet_cursor cursor{batch};
    raw_packet raw;
    while (cursor.next(raw))
      benchmark::DoNotOptimize(decode_publish(raw));
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(decode_publishes);

void encode_publishes(benchmark::State& state) {
  const std::string payload(128, 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::uint16_t id = 1; id <= 64; ++id)
      benchmark::DoNotOptimize(encode(
        out, publish{topic, payload, id, qos::at_least_once, false, false}));
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(encode_publishes);

void encode_pubacks(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::uint16_t id = 1; id <= 64; ++id)
      encode_packet_id(out, packet_type::puback, id);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(encode_pubacks);

void decode_bag(benchmark::State& state) {
  constexpr std::string_view bag
    = "%24.mid=m1&%24.ct=application%2Fjson&%24.ce=utf-8&level=warn";
  for (auto _ : state)
    benchmark::DoNotOptimize(decode_property_bag(bag));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_bag);

} // namespace
