#include "actors/twins/edge_twins.hpp"

#include "actors/log.hpp"
#include "actors/twins/edge_twin_steps.hpp"
#include "actors/twins/report_answer.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/own_module.hpp"
#include "messages/twin/rules.hpp"

#include <caf/send.hpp>

namespace tidegate {

namespace edge_twin_steps {

twin::edge_twin known(const edge_twins_state& state, const identity_id& id) {
  auto found = state.group->get(id);
  if (found)
    return std::move(*found);
  if (found.error() != ec::not_found)
    state.meters->unreadable(id, found.error());
  return {};
}

void keep(self_pointer self, const identity_id& id, twin::edge_twin twin) {
  self->state.group->put(id, std::move(twin));
  if (self->state.group->changed())
    self->send(self, commit_twins{});
}

bool is_own(const edge_twins_state& state, const identity_id& id) {
  return is_own_module(id, state.context.node.device);
}

bool wants_desired(const edge_twins_state& state, const identity_id& id) {
  const auto client = state.clients.find(id);
  return client != state.clients.end() && client->second.wants.desired;
}

std::chrono::milliseconds wall_now(const edge_twins_state& state) {
  return state.context.node.now().time_since_epoch();
}

twin_meters::duration since(self_pointer self,
                            edge_twins_state::time_point start) {
  return self->clock().now() - start;
}

} // namespace edge_twin_steps

namespace {

using namespace edge_twin_steps;

caf::typed_response_promise<twin_text> get(self_pointer self,
                                           const identity_id& id) {
  auto to = self->make_response_promise<twin_text>();
  const std::function<void(twin_side)> answer
    = [self, id, start = self->clock().now(), to](twin_side source) {
        // What is not written yet is not shown: it could still be lost.
        self->state.group->when_safe(
          id, [self, id, start, to, source](const caf::error& error) mutable {
            if (error) {
              to.deliver(error);
              return;
            }
            self->state.meters->got(id, source, since(self, start));
            to.deliver(twin_text{std::make_shared<const std::string>(
              twin::client_text(known(self->state, id).cached))});
          });
      };
  if (!self->state.upstream)
    answer(twin_side::edge_hub);
  else
    fetch(self, id, false, [answer](const caf::error& error) {
      answer(error ? twin_side::edge_hub : twin_side::upstream);
    });
  return to;
}

caf::typed_response_promise<properties_reported>
report(self_pointer self, const report_properties& wish) {
  auto& state = self->state;
  auto to = self->make_response_promise<properties_reported>();
  const auto refuse = [&](caf::error error) {
    refuse_report(to, wish.id, std::move(error));
    return to;
  };
  const auto patch = twin::read_patch(wish.patch.view);
  if (!patch)
    return refuse(patch.error());
  auto one = known(state, wish.id);
  if (auto error = twin::report(one, *patch))
    return refuse(std::move(error));
  if (auto& since_push = state.flows[wish.id].since_push)
    since_push->add(*patch);
  const auto answer = std::make_shared<report_answer>(
    to, 0, [self, id = wish.id, start = self->clock().now()] {
      self->state.meters->reported(id, twin_side::edge_hub, since(self, start));
    });
  const auto done
    = [answer](const caf::error& error) { answer->part_done(error); };
  state.owing.insert(wish.id);
  keep(self, wish.id, std::move(one));
  state.group->when_safe(wish.id,
                         [self, id = wish.id, done](const caf::error& error) {
                           done(error);
                           if (!error)
                             wait_for_push(self, id);
                         });
  if (is_own(state, wish.id))
    done({}); // of its own changes the node makes no notice
  else
    state.notices->route(wish.id, wish.patch, done);
  return to;
}

void take_clients(self_pointer self, const clients_changed& news) {
  auto& state = self->state;
  for (const auto& one : news.now) {
    const auto wanted = wants_desired(state, one.id);
    if (one.session)
      state.clients.insert_or_assign(one.id, one);
    else
      state.clients.erase(one.id);
    if (state.upstream && wanted != wants_desired(state, one.id))
      enqueue(self, task::follow, one.id);
  }
}

void forget(self_pointer self, const identity_id& id) {
  auto& state = self->state;
  state.group->remove(id);
  state.owing.erase(id);
  if (state.group->changed())
    self->send(self, commit_twins{});
}

} // namespace

edge_twins_actor::behavior_type edge_twins(self_pointer self,
                                           edge_twins_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.group.emplace(state.context.store, &twin::edge_twin_of);
  state.notices.emplace(state.context.node, caf::actor_cast<caf::actor>(self));
  state.meters.emplace(state.context.node.meters);
  caf::anon_send(state.context.node.clients,
                 watch_clients{caf::actor_cast<caf::actor>(self)});
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.upstream && down.source == self->state.upstream.address())
      lose_parent(self->state);
  });
  return {
    [self](const get_twin& wish) { return get(self, wish.id); },
    [self](const report_properties& wish) { return report(self, wish); },
    [self](const upstream_ready& ready) { catch_up(self, ready); },
    [self](const upstream_desired& news) { take_desired(self, news); },
    [self](const desired_missed& news) {
      if (self->state.upstream)
        read_again(self, news.id);
    },
    [self](const clients_changed& news) { take_clients(self, news); },
    [self](const forget_twin& gone) { forget(self, gone.id); },
    [self](const append_done& answer) { self->state.notices->done(answer); },
    [self](commit_twins) {
      if (const auto error = self->state.group->commit())
        log::error("twins", "changes of twins cannot be written",
                   {{"reason", error_text(error)}});
    },
    [self](const push_due& due) {
      if (self->state.upstream && self->state.flows[due.id].push_waits)
        enqueue(self, task::push, due.id);
    },
    [self](const fetch_due& due) { end_waiting(self, due.id); },
    [self](resync_due) {
      auto& at = self->state.resync_at;
      if (!at || self->clock().now() < *at)
        return; // another one was sooner
      at.reset();
      resync_all(self);
    },
  };
}

} // namespace tidegate
