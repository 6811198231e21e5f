// How fast are blocks built and read? One head, payloads of 128 bytes.
#include "messages/block.hpp"

#include <benchmark/benchmark.h>

using namespace tidegate;

namespace {

head_ptr make_head(int sender) {
  message_head head;
  head.sender = {"sensor-" + std::to_string(sender), {}};
  head.system = {{"connectionDeviceId", head.sender.device},
                 {"contentType", "application/json"}};
  head.user = {{"level", "warn"}};
  return std::make_shared<const message_head>(std::move(head));
}

block_ptr build(const std::vector<head_ptr>& heads, std::size_t records) {
  static const std::string payload(128, 'x');
  block_builder builder{wall_time{}, records * (payload.size() + 4)};
  for (std::size_t i = 0; i < records; ++i)
    builder.add(heads[i % heads.size()], payload);
  return builder.finish();
}

/// Arguments: records per block, senders in it.
void build_block(benchmark::State& state) {
  std::vector<head_ptr> heads;
  for (int i = 0; i < state.range(1); ++i)
    heads.push_back(make_head(i));
  const auto records = static_cast<std::size_t>(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(build(heads, records));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(build_block)->ArgsProduct({{1, 50, 200, 1000}, {1, 20}});

void decode(benchmark::State& state) {
  const auto original
    = build({make_head(1)}, static_cast<std::size_t>(state.range(0)));
  std::string why;
  for (auto _ : state)
    benchmark::DoNotOptimize(
      decode_block(std::string{original->encoded()}, why));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode)->Arg(1)->Arg(50)->Arg(1000);

} // namespace
