#include "actors/clients/ingress.hpp"

#include "actors/clients/lane_blocks.hpp"
#include "actors/clients/refused_counter.hpp"
#include "messages/ec.hpp"
#include "messages/routing/expiry.hpp"
#include "messages/routing/sink.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <random>

namespace tidegate {

namespace {

/// Adds one to a counter per message, but touches it once per run of messages
/// that are counted for the same sender.
class run_counter {
public:
  explicit run_counter(prometheus::Counter* sender_meters::*which)
    : which_{which} {}
  ~run_counter() { write(); }

  run_counter(const run_counter&) = delete;
  run_counter& operator=(const run_counter&) = delete;

  /// Whether `of` starts a new run.
  bool count(const sender_meters& of) {
    const bool fresh = &of != of_;
    if (fresh) {
      write();
      of_ = &of;
    }
    ++pending_;
    return fresh;
  }

private:
  void write() {
    if (of_ && pending_ > 0)
      (of_->*which_)->Increment(static_cast<double>(pending_));
    pending_ = 0;
  }

  prometheus::Counter* sender_meters::*which_;
  const sender_meters* of_ = nullptr;
  std::uint64_t pending_ = 0;
};

/// Room that a block needs beside payloads: record headers and a few heads.
constexpr std::size_t block_overhead = 1024;

/// A value costs a summary microseconds, more than the rest of a small batch.
constexpr std::uint32_t flushes_per_measurement = 16;

/// Where conditions are evaluated: one per worker, not one per connection.
routing::scratch& scratch_of_thread() {
  thread_local routing::scratch memory{std::random_device{}()};
  return memory;
}

} // namespace

ingress::ingress(session_context_ptr context, caf::actor session)
  : context_{std::move(context)}, session_{std::move(session)},
    meters_{context_->meters} {}

routed_head_ptr ingress::prepare(head_ptr head) {
  auto prepared = std::make_shared<routed_head>();
  prepared->measure = measure(*head);
  prepared->meters = meters_.of(*head);
  prepared->head = std::move(head);
  return prepared;
}

std::optional<ingress::refusal> ingress::refuse(routed_head& head,
                                                std::string_view payload) {
  const auto& limits = context_->limits.message;
  auto fault = fault_of(head.measure, payload.size(), limits);
  if (fault == message_fault::none
      && may_not_fit(head.measure, payload.size(), limits))
    fault = fault_on_way(head.head, payload, way_of(head, payload), limits);
  if (fault == message_fault::none)
    return std::nullopt;
  count_refused(head.head->sender, name_of(fault));
  return refusal{
    fault, fault_text(fault, *head.head, payload.size(), limits.message_size)};
}

void ingress::count_refused(const identity_id& sender,
                            std::string_view reason) const {
  tidegate::count_refused(*context_->meters, sender, reason);
}

/// Where the routes in force send a message.
std::span<const routing::route_match>
ingress::matches_of(routed_head& head, std::string_view payload,
                    const route_snapshot_ptr& routes) {
  auto& memory = scratch_of_thread();
  if (head.under != routes) {
    head.plan = routes->table->plan_for(*head.head, memory);
    head.under = routes;
  }
  if (head.plan.is_final())
    return head.plan.matches();
  matches_.clear();
  routes->table->resolve(head.plan, *head.head, payload, memory, matches_);
  return matches_;
}

message_way ingress::way_of(routed_head& head, std::string_view payload) {
  message_way way;
  const auto routes = context_->routes->current();
  if (!routes->table)
    return way;
  for (const auto& match : matches_of(head, payload, routes))
    if (routes->table->sinks()[match.sink].sink == routing::upstream_endpoint)
      way.upstream = true;
    else
      way.to_modules = true;
  return way;
}

void ingress::add(const routed_head_ptr& head, bytes payload, ticket mark) {
  const auto size = head->measure.properties_size + payload.size();
  collecting_.size += size;
  undecided_bytes_ += size;
  ++undecided_messages_;
  collecting_.entries.push_back({head, std::move(payload)});
  collecting_.tickets.push_back(mark);
}

void ingress::pass(ticket mark) {
  ++undecided_messages_;
  collecting_.tickets.push_back(mark);
}

ingress::hold ingress::wait(ticket mark) {
  pass(mark);
  ++collecting_.holds;
  return first_batch_ + batches_.size();
}

void ingress::release(hold which) {
  const auto at = which - first_batch_;
  --(at < batches_.size() ? batches_[at] : collecting_).holds;
}

void ingress::flush() {
  if (collecting_.tickets.empty())
    return;
  {
    const bool measured = flushes_++ % flushes_per_measurement == 0;
    run_counter received{&sender_meters::received};
    for (const auto& [head, payload] : collecting_.entries)
      if (received.count(*head->meters) && measured)
        head->meters->size->Observe(
          static_cast<double>(head->measure.properties_size + payload.size()));
  }
  batches_.push_back(std::move(collecting_));
  collecting_ = {};
  send(batches_.back());
}

void ingress::send(batch& what) {
  what.routes = context_->routes->current();
  what.decided = true; // unless something of it goes to the store
  if (what.entries.empty())
    return;
  const auto& routes = *what.routes;
  if (!routes.table) {
    what.error = ec::unavailable;
    return;
  }
  const auto elapsed = context_->elapsed();
  lane_blocks blocks{context_->now(), what.size + block_overhead};
  run_counter unrouted{&sender_meters::no_route};
  for (const auto& [head, payload] : what.entries) {
    const auto matches = matches_of(*head, payload.view, what.routes);
    for (const auto& match : matches)
      blocks.add(routes.lanes[match.sink], head->head, payload.view,
                 routing::expires_at(elapsed, match.time_to_live),
                 routes.table->routes()[match.route].name);
    if (matches.empty())
      unrouted.count(*head->meters);
  }
  if (blocks.empty())
    return;
  what.tag = next_tag_++;
  what.decided = false;
  caf::anon_send(context_->store,
                 append{what.tag, blocks.finish(), session_, attempt_});
}

void ingress::done(const append_done& answer) {
  const auto found
    = std::find_if(batches_.begin(), batches_.end(), [&](const batch& one) {
        return !one.decided && one.tag == answer.tag;
      });
  if (found == batches_.end())
    return; // it stood behind a refused one
  if (!answer.error) {
    found->decided = true;
    return;
  }
  // The store refuses all that follows too, until it sees the new number.
  ++attempt_;
  const bool gone = answer.error == ec::lane_gone;
  // The same routes would fail again.
  const bool rerouted = gone && context_->routes->current() != found->routes;
  for (auto each = found; each != batches_.end(); ++each) {
    if (each->decided)
      continue; // no route wanted it
    if (rerouted) {
      send(*each);
      continue;
    }
    each->decided = true;
    each->error = gone ? caf::make_error(ec::unavailable) : answer.error;
  }
}

std::optional<ingress::decision> ingress::next_decision() {
  if (batches_.empty() || !batches_.front().decided
      || batches_.front().holds > 0)
    return std::nullopt;
  auto& oldest = batches_.front();
  if (oldest.error) {
    run_counter failed{&sender_meters::storage_failure};
    for (const auto& [head, payload] : oldest.entries)
      failed.count(*head->meters);
  }
  undecided_bytes_ -= oldest.size;
  undecided_messages_ -= oldest.tickets.size();
  decision told{std::move(oldest.tickets), std::move(oldest.error)};
  batches_.pop_front();
  ++first_batch_;
  return told;
}

} // namespace tidegate
