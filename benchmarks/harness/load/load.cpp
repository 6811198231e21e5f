#include "benchmarks/harness/load/load.hpp"

#include <boost/asio/post.hpp>

namespace tidegate::harness {

namespace {

/// Connections that are opened at the same time: enough to be quick, and no
/// storm that no server would ever see but this one.
constexpr std::size_t most_connecting = 32;

} // namespace

load::load(const stream_factory& streams, const load_plan& plan)
  : streams_(streams), run_(plan.run), timer_(streams.io),
    persistent_(plan.persistent) {
  connection_observer& observer = *this;
  for (const auto& spec : plan.publishers)
    publishers_.push_back(std::make_unique<publisher>(
      streams_, spec,
      stamp{plan.run, static_cast<std::uint32_t>(publishers_.size()), 0, {}},
      figures_, observer, plan.persistent));
  for (const auto& spec : plan.subscribers)
    subscribers_.push_back(std::make_unique<subscriber>(
      streams_, spec, add_receiver(), observer, plan.persistent));
}

receiver& load::add_receiver() {
  return *receivers_.emplace_back(
    std::make_unique<receiver>(run_, publishers_.size(), figures_));
}

template <class Clients>
void load::connect(const Clients& clients, std::function<void()> then) {
  connected_ = std::move(then);
  for (const auto& each : clients)
    waiting_.emplace_back([&one = *each] { one.start(); });
  awaited_ = clients.size();
  for (std::size_t i = 0; i < most_connecting; ++i)
    connect_next();
  if (clients.empty())
    boost::asio::post(streams_.io, std::exchange(connected_, nullptr));
}

void load::connect_next() {
  if (waiting_.empty())
    return;
  const auto start = std::move(waiting_.front());
  waiting_.pop_front();
  start();
}

void load::connect_publishers(std::function<void()> then) {
  connect(publishers_, std::move(then));
}

void load::connect_subscribers(std::function<void()> then) {
  connect(subscribers_, std::move(then));
}

void load::on_connected() {
  ++connected_once_;
  connect_next();
  if (awaited_ > 0 && --awaited_ == 0 && connected_)
    boost::asio::post(streams_.io, std::exchange(connected_, nullptr));
}

void load::on_lost(const std::string& who, std::string_view why) {
  ++lost_connections_;
  if (!persistent_ && error_.empty())
    error_ = who + " lost its connection: " + std::string{why};
}

void load::publish_at(double rate) {
  timer_.cancel();
  pace_ = pace{rate};
  paced_since_ = stamp_clock();
  if (rate > 0)
    tick();
}

void load::tick() {
  const auto now = stamp_clock();
  const auto due = pace_.take_due(now - paced_since_);
  const auto each = due / publishers_.size();
  const auto extra = due % publishers_.size();
  for (std::size_t i = 0; i < publishers_.size() && due > 0; ++i) {
    auto& one = *publishers_[(turn_ + i) % publishers_.size()];
    if (const auto count = each + (i < extra ? 1 : 0); count > 0) {
      one.release(count, now);
      one.pump();
    }
  }
  turn_ = (turn_ + extra) % publishers_.size();
  timer_.expires_after(pace_.tick());
  timer_.async_wait([this](boost::system::error_code stopped) {
    if (!stopped)
      tick();
  });
}

void load::publish(std::uint64_t count) {
  for (std::size_t i = 0; i < publishers_.size(); ++i) {
    const auto share
      = count / publishers_.size() + (i < count % publishers_.size() ? 1 : 0);
    publishers_[i]->allow(share);
    publishers_[i]->pump();
  }
}

void load::hold() {
  publish_at(0);
  for (const auto& each : publishers_)
    each->hold();
}

void load::disconnect() {
  publish_at(0);
  for (const auto& each : publishers_)
    each->stop();
  for (const auto& each : subscribers_)
    each->stop();
}

bool load::acknowledged() const {
  return figures_.acknowledged == figures_.published;
}

bool load::delivered() const {
  return figures_.delivered == figures_.published * receivers_.size();
}

load_verdict load::verdict() const {
  load_verdict result;
  for (const auto& place : receivers_)
    for (std::size_t i = 0; i < publishers_.size(); ++i)
      result.add(publishers_[i]->acknowledged(), place->from_senders()[i]);
  return result;
}

} // namespace tidegate::harness
