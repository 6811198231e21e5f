#include "actors/c2d/c2d_queues.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/limits/message_rule.hpp"

#include <algorithm>
#include <caf/send.hpp>

namespace tidegate {

namespace {

using self_pointer = c2d_queues_behavior::stateful_pointer<c2d_queues_state>;
using changes = c2d_queue::changes;

c2d_moment moment(self_pointer self) {
  return {self->clock().now(), self->state.context.now()};
}

caf::error with_id(ec code, const identity_id& id, const std::string& what) {
  return caf::make_error(code, to_string(id) + ": " + what);
}

void show_size(const c2d_queues_state& state) {
  std::size_t size = 0;
  for (const auto& [device, queue] : state.queues)
    size += queue.entries().size();
  state.context.meters
    ->gauge("tidegate_c2d_messages",
            "Cloud-to-device messages that wait for their devices.")
    .Set(static_cast<double>(size));
}

void log_failure(const char* what, const c2d_record& of,
                 const caf::error& error) {
  log::error("c2d", what,
             {{"device", of.device},
              {"sequence", std::to_string(of.sequence)},
              {"reason", error_text(error)}});
}

bool wants_feedback(c2d_ack ack, c2d_fate fate) {
  if (ack == c2d_ack::full)
    return true;
  return ack
         == (fate == c2d_fate::success ? c2d_ack::positive : c2d_ack::negative);
}

/// Removes a message that is over, and says so wherever it must be heard.
void end(const c2d_queues_state& state, const c2d_record& message,
         c2d_fate fate) {
  auto& store = *state.context.store;
  std::optional<c2d_feedback> told;
  if (wants_feedback(message.ack, fate))
    told = {message, fate, state.context.now()};
  const auto no_room
    = told && store.feedback_count() >= c2d_store::most_feedback;
  if (const auto failed = store.remove(message, told))
    log_failure("a message that is over cannot be removed", message, failed);
  if (no_room)
    state.context.meters
      ->counter("tidegate_c2d_feedback_lost_total",
                "Feedback that was not kept because nobody reads it.")
      .Increment();
  state.context.meters
    ->counter("tidegate_c2d_ended_total",
              "Cloud-to-device messages that are over.",
              {{"fate", std::string{to_string(fate)}}})
    .Increment();
  if (fate != c2d_fate::success)
    log::warning("c2d", "a message did not reach its device",
                 {{"device", message.device},
                  {"sequence", std::to_string(message.sequence)},
                  {"fate", std::string{to_string(fate)}}});
}

void settle(c2d_queues_state& state, const changes& what) {
  for (const auto& one : what.over)
    end(state, one.message, one.fate);
  for (const auto& message : what.again)
    if (const auto failed = state.context.store->update(message))
      log_failure("a delivery cannot be counted", message, failed);
}

/// Forgets what was meant for a device that is gone or was made anew.
void drop_foreign(c2d_queues_state& state, const std::string& device) {
  const auto known = state.queues.find(device);
  if (known == state.queues.end())
    return;
  const auto identity = state.context.identities->get({device, {}});
  if (!identity && identity.error() != ec::not_found)
    return; // the store cannot say
  auto& queue = known->second;
  std::vector<c2d_record> foreign;
  for (const auto& [sequence, entry] : queue.entries())
    if (!identity || entry.message.generation != identity->generation)
      foreign.push_back(entry.message);
  for (const auto& message : foreign) {
    queue.drop(message.sequence);
    if (const auto failed = state.context.store->remove(message))
      log_failure("a message of a removed device cannot be removed", message,
                  failed);
  }
  if (!foreign.empty())
    log::info("c2d", "messages of a removed device were removed",
              {{"device", device}, {"count", std::to_string(foreign.size())}});
  if (queue.empty())
    state.queues.erase(known);
}

void count_damaged(const c2d_queues_state& state, std::size_t count) {
  state.context.meters
    ->counter("tidegate_c2d_damaged_total",
              "Cloud-to-device messages in the store that cannot be read.")
    .Increment(static_cast<double>(count));
}

void send(c2d_queues_state& state, const caf::actor& session,
          const c2d_record& message, const std::string& token,
          c2d_store::contents contents) {
  deliver_c2d wish;
  wish.target.device = message.device;
  auto& made = wish.message;
  made.head = std::move(contents.head);
  made.payload = std::move(contents.payload);
  made.lock_token = token;
  made.delivery_count = message.delivery_count;
  made.sequence = message.sequence;
  made.enqueued = message.enqueued;
  state.context.meters
    ->counter("tidegate_c2d_deliveries_total",
              "Attempts to deliver a cloud-to-device message.")
    .Increment();
  caf::anon_send(session, std::move(wish));
}

/// Sends a device what it may have.
void pump(self_pointer self, const std::string& device) {
  auto& state = self->state;
  const auto known = state.queues.find(device);
  const auto who = state.listeners.find(device);
  if (known == state.queues.end() || who == state.listeners.end()
      || !who->second.wants)
    return;
  auto& queue = known->second;
  for (;;) {
    const std::string token{state.tokens.next()};
    const auto* const next = queue.lock_next(token, moment(self));
    if (!next)
      break;
    auto contents = state.context.store->read(*next);
    if (contents) {
      send(state, who->second.session, *next, token, std::move(*contents));
      continue;
    }
    log_failure("a message cannot be read", *next, contents.error());
    if (contents.error() != ec::store_damaged)
      break; // the lock's end tries again
    const auto lost = *next;
    queue.drop(lost.sequence);
    count_damaged(state, 1);
    end(state, lost, c2d_fate::purged);
  }
  if (queue.empty())
    state.queues.erase(known);
}

/// Keeps one timer that ends no later than something is due, as long as
/// anything waits.
void arm(self_pointer self) {
  auto& state = self->state;
  if (state.queues.empty())
    return;
  const auto now = moment(self);
  std::chrono::milliseconds wait = state.context.upkeep;
  for (const auto& [device, queue] : state.queues)
    wait = std::min(wait, queue.next_due(now).value_or(wait));
  wait = std::max(wait, std::chrono::milliseconds{0});
  if (state.armed > now.steady && state.armed <= now.steady + wait)
    return;
  state.armed = now.steady + wait;
  self->delayed_send(self, wait, c2d_due{++state.timer});
}

void pass_time(self_pointer self) {
  auto& state = self->state;
  state.armed = {};
  std::vector<std::string> devices;
  for (const auto& [device, queue] : state.queues)
    devices.push_back(device);
  for (const auto& device : devices) {
    drop_foreign(state, device);
    const auto known = state.queues.find(device);
    if (known == state.queues.end())
      continue;
    settle(state, known->second.pass(moment(self)));
    if (known->second.empty())
      state.queues.erase(known);
    else
      pump(self, device);
  }
  show_size(state);
  arm(self);
}

void take_presence(self_pointer self, const client_presence& client) {
  auto& state = self->state;
  const auto& device = client.id.device;
  const auto known = state.listeners.find(device);
  const auto other
    = known != state.listeners.end() && known->second.session != client.session;
  if (client.session)
    state.listeners[device] = {client.session, client.wants.c2d};
  else
    state.listeners.erase(device);
  const auto queue = state.queues.find(device);
  if (other && queue != state.queues.end()) {
    settle(state, queue->second.release_all(moment(self)));
    if (queue->second.empty())
      state.queues.erase(queue);
  }
  drop_foreign(state, device);
  pump(self, device);
}

caf::error check(const send_c2d& wish, const c2d_limits& limits,
                 wall_time now) {
  if (wish.target.is_module())
    return with_id(ec::bad_argument, wish.target,
                   "modules take no cloud-to-device messages");
  if (const auto fault
      = c2d_fault_of(*wish.head, wish.payload.size(), limits.message_size);
      fault != message_fault::none)
    return caf::make_error(
      ec::bad_argument,
      fault_text(fault, *wish.head, wish.payload.size(), limits.message_size));
  if (wish.expires <= now)
    return caf::make_error(ec::bad_argument, "expires: the time has passed");
  return {};
}

c2d_record record_of(const send_c2d& wish, const identity& device,
                     wall_time now) {
  c2d_record made;
  made.device = device.id.device;
  made.generation = device.generation;
  const auto* const id = find_property(wish.head->system, "messageId");
  made.message_id = id ? id->value.value_or("") : "";
  made.enqueued = now;
  made.expires = wish.expires;
  made.ack = wish.ack;
  return made;
}

/// The head as its device gets it: addressed to it.
head_ptr addressed(const head_ptr& head, const std::string& device) {
  auto made = *head;
  made.sender = {};
  set_property(made.system, "to",
               "/devices/" + percent_encode(device) + "/messages/devicebound");
  return std::make_shared<const message_head>(std::move(made));
}

caf::result<c2d_queued> take(self_pointer self, const send_c2d& wish) {
  auto& state = self->state;
  const auto now = state.context.now();
  if (auto wrong = check(wish, state.context.limits, now))
    return wrong;
  const auto device = state.context.identities->get(wish.target);
  if (!device)
    return device.error();
  drop_foreign(state, device->id.device);
  auto& queue
    = state.queues.try_emplace(device->id.device, state.context.limits)
        .first->second;
  settle(state, queue.pass(moment(self)));
  if (queue.full()) {
    state.context.meters
      ->counter("tidegate_c2d_refused_total",
                "Cloud-to-device messages that were refused because their "
                "device's queue was full.")
      .Increment();
    return with_id(ec::store_full, wish.target,
                   std::to_string(state.context.limits.messages)
                     + " messages wait for it, which is as many as may");
  }
  auto stored = state.context.store->add(
    record_of(wish, *device, now), addressed(wish.head, device->id.device),
    wish.payload);
  if (!stored) {
    if (queue.empty())
      state.queues.erase(device->id.device);
    return stored.error();
  }
  const auto sequence = stored->sequence;
  queue.add(std::move(*stored));
  pump(self, device->id.device);
  show_size(state);
  arm(self);
  return c2d_queued{sequence};
}

void take_outcome(self_pointer self, const c2d_decided& news) {
  auto& state = self->state;
  const auto known = state.queues.find(news.by.device);
  if (known == state.queues.end() || news.by.is_module())
    return;
  const auto what
    = known->second.decide(news.lock_token, news.outcome, moment(self));
  if (!what)
    return;
  settle(state, *what);
  if (known->second.empty())
    state.queues.erase(known);
  else
    pump(self, news.by.device);
  show_size(state);
  arm(self);
}

/// The device's queue, or null when nothing waits; an error when there is no
/// such device.
caf::expected<c2d_queue*> queue_of(c2d_queues_state& state,
                                   const identity_id& id) {
  const auto device = state.context.identities->get({id.device, {}});
  drop_foreign(state, id.device);
  if (!device)
    return device.error();
  const auto known = state.queues.find(id.device);
  return known == state.queues.end() ? nullptr : &known->second;
}

caf::result<std::vector<c2d_waiting>> list(c2d_queues_state& state,
                                           const identity_id& id) {
  const auto queue = queue_of(state, id);
  if (!queue)
    return queue.error();
  std::vector<c2d_waiting> all;
  if (*queue)
    for (const auto& [sequence, entry] : (*queue)->entries())
      all.push_back({entry.message, !entry.token.empty()});
  return all;
}

caf::result<c2d_purged> purge(c2d_queues_state& state, const identity_id& id) {
  const auto queue = queue_of(state, id);
  if (!queue)
    return queue.error();
  if (!*queue)
    return c2d_purged{};
  const auto what = (*queue)->purge();
  settle(state, what);
  state.queues.erase(id.device);
  show_size(state);
  return c2d_purged{what.over.size()};
}

/// Without its queues the node cannot go on: nothing that was accepted may be
/// forgotten in silence.
void load(self_pointer self) {
  auto& state = self->state;
  std::size_t damaged = 0;
  auto all = state.context.store->records(damaged);
  if (!all) {
    log::error("c2d", "the stored messages cannot be read",
               {{"reason", error_text(all.error())}});
    return self->quit(all.error());
  }
  for (auto& record : *all)
    state.queues.try_emplace(record.device, state.context.limits)
      .first->second.add(std::move(record));
  if (damaged == 0)
    return;
  log::error("c2d", "stored messages are damaged and were left out",
             {{"count", std::to_string(damaged)}});
  count_damaged(state, damaged);
}

} // namespace

c2d_queues_behavior::behavior_type c2d_queues(self_pointer self,
                                              c2d_queues_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.tokens = routing::guid_source{state.context.seed};
  load(self);
  show_size(state);
  arm(self);
  caf::anon_send(state.context.clients,
                 watch_clients{caf::actor_cast<caf::actor>(self)});
  return {
    [self](const c2d_decided& news) { take_outcome(self, news); },
    [self](const send_c2d& wish) { return take(self, wish); },
    [self](const list_c2d& asked) { return list(self->state, asked.target); },
    [self](const purge_c2d& asked) { return purge(self->state, asked.target); },
    [self](
      const get_c2d_feedback& asked) -> caf::result<std::vector<c2d_feedback>> {
      auto all = self->state.context.store->feedback(asked.most);
      if (!all)
        return all.error();
      return std::move(*all);
    },
    [self](const forget_c2d_feedback& read) {
      if (const auto failed
          = self->state.context.store->forget_feedback(read.sequences))
        log::error("c2d", "feedback cannot be forgotten",
                   {{"reason", error_text(failed)}});
    },
    [self](const clients_changed& news) {
      for (const auto& client : news.now)
        if (!client.id.is_module())
          take_presence(self, client);
      show_size(self->state);
      arm(self);
    },
    [self](const c2d_due& timer) {
      if (timer.number == self->state.timer)
        pass_time(self);
    },
  };
}

} // namespace tidegate
