#include "actors/methods/methods.hpp"

#include "actors/log.hpp"
#include "actors/methods/own_methods.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/method_name.hpp"

#include <caf/send.hpp>

namespace tidegate {

namespace {

using self_pointer = methods_behavior::stateful_pointer<methods_state>;
using promise = caf::typed_response_promise<method_outcome>;
using admission = pending_calls::admission;

caf::error refusal(ec code, const identity_id& target, const char* why) {
  return caf::make_error(code, to_string(target) + ": " + why);
}

caf::error absence(const identity_id& target) {
  return refusal(ec::not_found, target,
                 "is not connected, or takes no methods");
}

void show_size(const methods_state& state) {
  state.context.meters
    ->gauge("tidegate_method_calls",
            "Method calls that wait for their target or for its answer.")
    .Set(static_cast<double>(state.calls.size()));
}

/// Keeps one timer that ends no later than the first call is due.
void arm(self_pointer self, std::optional<pending_calls::time> due) {
  auto& state = self->state;
  if (!due || (state.armed && *state.armed <= *due))
    return;
  state.armed = due;
  const auto wait = std::max(*due - self->clock().now(), caf::timespan{0});
  self->delayed_send(self, wait, calls_due{++state.timer});
}

void deliver(self_pointer self, const std::string& rid) {
  auto& state = self->state;
  auto& caller = state.callers.at(rid);
  caller.delivered = self->clock().now();
  auto& wish = caller.wish;
  state.context.meters
    ->counter("edgehub_direct_methods_total",
              "Methods that clients were asked to run.",
              {{"from", to_string(wish.from)},
               {"to", to_string(wish.target)},
               {"ms_telemetry", "True"}})
    .Increment();
  caf::anon_send(
    state.sessions.at(wish.target),
    method_request{wish.target, rid, wish.name, std::move(wish.payload)});
  wish.payload = {};
}

/// Answers the caller of a call that has ended.
template <class Answer>
void finish(methods_state& state, const std::string& rid, Answer answer) {
  auto caller = state.callers.extract(rid);
  state.tickets.erase(caller.mapped().wish.ticket);
  caller.mapped().promise.deliver(std::move(answer));
}

/// What the gateway's own module answers.
method_outcome run_own(const methods_state& state, const invoke_method& wish) {
  if (wish.name != refresh_method || !state.context.refresh)
    return {404, {}};
  const auto ids = parse_refresh_request(wish.payload.view);
  if (!ids)
    return {400, {}};
  for (const auto& id : *ids)
    state.context.refresh(id);
  return {200, {}};
}

/// Why the call is refused whatever is under way, or no error.
caf::error objection(const methods_state& state, const invoke_method& wish) {
  if (wish.ticket && wish.ticket->left)
    return refusal(ec::unavailable, wish.target, "the caller has left");
  if (const auto why = method_name_fault(wish.name); !why.empty())
    return caf::make_error(ec::bad_argument, "methodName: " + why);
  if (may_call(wish.from, wish.target, state.context.agent_callers))
    return {};
  log::warning("methods",
               "a module may not call the runtime's methods: it is not in "
               "node.agent_callers",
               {{"from", to_string(wish.from)},
                {"to", to_string(wish.target)},
                {"method", wish.name}});
  state.context.meters
    ->counter("tidegate_method_calls_forbidden_total",
              "Method calls of modules that may not call their target.")
    .Increment();
  return refusal(ec::unauthorized, wish.target,
                 "its methods are for the parent, operators, and the modules "
                 "named in node.agent_callers");
}

promise invoke(self_pointer self, const invoke_method& wish) {
  auto& state = self->state;
  auto answer = self->make_response_promise<method_outcome>();
  if (auto failed = objection(state, wish)) {
    answer.deliver(std::move(failed));
    return answer;
  }
  if (wish.target.is_module() && wish.target == state.context.own_module) {
    answer.deliver(run_own(state, wish));
    return answer;
  }
  const auto now = self->clock().now();
  const std::string rid{state.rids.next()};
  const auto admitted = state.calls.add(rid, wish, now);
  if (admitted == admission::absent) {
    answer.deliver(absence(wish.target));
    return answer;
  }
  if (admitted == admission::crowded) {
    log::warning(
      "methods", "a call was refused: too many are under way",
      {{"from", to_string(wish.from)}, {"to", to_string(wish.target)}});
    state.context.meters
      ->counter("tidegate_method_calls_refused_total",
                "Method calls that were refused because too many were under "
                "way.")
      .Increment();
    answer.deliver(
      refusal(ec::unavailable, wish.target, "too many calls are under way"));
    return answer;
  }
  state.callers.emplace(rid, methods_state::waiting_caller{wish, answer, now});
  if (wish.ticket)
    state.tickets.emplace(wish.ticket, rid);
  if (admitted == admission::deliver)
    deliver(self, rid);
  show_size(state);
  arm(self, now
              + (admitted == admission::deliver ? wish.response_timeout
                                                : wish.connect_timeout));
  return answer;
}

void take_answer(self_pointer self, const method_response& from) {
  auto& state = self->state;
  const auto rid = state.calls.answer(from.by, from.rid);
  if (!rid) {
    log::debug("methods", "an answer that nobody waits for was ignored",
               {{"by", to_string(from.by)}});
    return;
  }
  const auto& caller = state.callers.at(*rid);
  const std::chrono::duration<double> took
    = self->clock().now() - caller.delivered;
  state.context.meters
    ->summary("edgehub_direct_method_duration_seconds",
              "Time from a method's request to its answer.",
              {{"from", to_string(caller.wish.from)},
               {"to", to_string(caller.wish.target)}})
    .Observe(took.count());
  finish(state, *rid, method_outcome{from.status, from.payload});
  show_size(state);
}

void abandon(self_pointer self, const call_ticket_ptr& ticket) {
  auto& state = self->state;
  const auto found = state.tickets.find(ticket);
  if (found == state.tickets.end())
    return;
  const auto rid = found->second;
  state.calls.abandon(rid);
  finish(state, rid,
         refusal(ec::unavailable, state.callers.at(rid).wish.target,
                 "the caller has left"));
  show_size(state);
}

void take_news(self_pointer self, const clients_changed& news) {
  auto& state = self->state;
  for (const auto& client : news.now) {
    const auto session = client.session ? client.session.id() : 0;
    if (client.session)
      state.sessions[client.id] = client.session;
    else
      state.sessions.erase(client.id);
    const auto orphans = state.calls.set_client(
      client.id, session, client.wants.methods, self->clock().now());
    for (const auto& rid : orphans)
      finish(
        state, rid,
        refusal(ec::timed_out, client.id, "disconnected before it answered"));
  }
  show_size(state);
  arm(self, state.calls.next_due());
}

void pass_time(self_pointer self) {
  auto& state = self->state;
  state.armed.reset();
  const auto due = state.calls.take_due(self->clock().now());
  for (const auto& rid : due.deliver)
    deliver(self, rid);
  for (const auto& rid : due.absent)
    finish(state, rid, absence(state.callers.at(rid).wish.target));
  for (const auto& rid : due.silent)
    finish(state, rid,
           refusal(ec::timed_out, state.callers.at(rid).wish.target,
                   "did not answer in time"));
  show_size(state);
  arm(self, state.calls.next_due());
}

} // namespace

methods_state::~methods_state() {
  for (auto& [rid, caller] : callers)
    caller.promise.deliver(
      caf::make_error(ec::unavailable, "the node is stopping"));
}

methods_behavior::behavior_type methods(self_pointer self,
                                        methods_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.calls = pending_calls{state.context.limits};
  state.rids = routing::guid_source{state.context.seed};
  caf::anon_send(state.context.clients,
                 watch_clients{caf::actor_cast<caf::actor>(self)});
  return {
    [self](const invoke_method& wish) { return invoke(self, wish); },
    [self](const method_response& from) { take_answer(self, from); },
    [self](const abandon_call& gone) { abandon(self, gone.ticket); },
    [self](const clients_changed& news) { take_news(self, news); },
    [self](const calls_due& timer) {
      if (timer.number == self->state.timer)
        pass_time(self);
    },
  };
}

} // namespace tidegate
