#include "benchmarks/harness/chaos/relay.hpp"

#include <cstdio>

namespace tidegate::harness {

relay::relay(const stream_factory& streams, client_spec spec)
  : connection_(streams, std::move(spec), *this, *this, true) {}

void relay::on_ready() {
  connection_.ready();
  pump();
}

bool relay::on_message(std::string_view payload) {
  const auto what = read_stamp(payload);
  if (!what)
    return true; // nobody will miss it
  waiting_.push_back(*what);
  return false;
}

void relay::on_acknowledged(std::uint64_t number) {
  outputs_.insert(number);
  auto* const gateway = connection_.live();
  for (; gateway && outputs_.contains(settled_); ++settled_)
    gateway->acknowledge();
}

void relay::pump() {
  auto* const gateway = connection_.live();
  if (!gateway)
    return;
  while (!waiting_.empty() && gateway->publish(next_, waiting_.front())) {
    waiting_.pop_front();
    ++next_;
  }
  gateway->flush();
}

void relay::on_closed(std::string_view why) {
  waiting_.clear();
  next_ = 0;
  outputs_ = {};
  settled_ = 0;
  connection_.closed(why);
}

void relay::on_lost(const std::string& who, std::string_view why) {
  std::fprintf(stderr, "%s lost its connection: %.*s\n", who.c_str(),
               static_cast<int>(why.size()), why.data());
}

} // namespace tidegate::harness
