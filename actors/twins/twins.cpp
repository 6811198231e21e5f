#include "actors/twins/twins.hpp"

#include "actors/log.hpp"
#include "actors/twins/report_answer.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/own_module.hpp"
#include "messages/twin/rules.hpp"
#include "messages/twin/service_document.hpp"

#include <boost/json/serialize.hpp>
#include <caf/send.hpp>
#include <charconv>

namespace tidegate {

namespace {

using self_pointer = hub_twins_actor::stateful_pointer<twins_state>;
using twin::hub_twin;

twin_meters::duration since(self_pointer self,
                            caf::actor_clock::time_point start) {
  return self->clock().now() - start;
}

/// An identity and its twin.
struct owned_twin {
  identity owner;
  hub_twin twin;
};

/// Whether the twin that may have been lost was that of a predecessor: the
/// identity was made later. Generations count the time in 10 ns.
bool is_younger(const identity& owner,
                const std::optional<std::int64_t>& lost) {
  constexpr std::int64_t per_millisecond = 100'000;
  std::int64_t made = 0;
  const auto& text = owner.generation;
  std::from_chars(text.data(), text.data() + text.size(), made);
  return lost && made / per_millisecond > *lost;
}

/// An identity without a twin, or with that of a predecessor of the same name,
/// has a new one.
caf::expected<owned_twin> find(const twins_state& state,
                               const identity_id& id) {
  auto owner = state.context.identities->get(id);
  if (!owner)
    return owner.error();
  auto known = state.group->get(id);
  if (!known && known.error() != ec::not_found
      && !is_younger(*owner, state.context.store->lost_at(id))) {
    state.meters->unreadable(id, known.error());
    return known.error();
  }
  hub_twin fresh;
  fresh.generation = owner->generation;
  const auto is_its = known && known->generation == owner->generation;
  return owned_twin{std::move(*owner),
                    is_its ? std::move(*known) : std::move(fresh)};
}

void keep(self_pointer self, const identity_id& id, hub_twin twin) {
  self->state.group->put(id, std::move(twin));
  if (self->state.group->changed())
    self->send(self, commit_twins{});
}

std::string now_text(const twins_state& state) {
  return amqp::time_text(state.context.node.now().time_since_epoch().count());
}

caf::typed_response_promise<twin_text> get(self_pointer self,
                                           const identity_id& id) {
  auto to = self->make_response_promise<twin_text>();
  auto found = find(self->state, id);
  if (!found) {
    to.deliver(std::move(found.error()));
    return to;
  }
  const auto start = self->clock().now();
  const twin_text answer{std::make_shared<const std::string>(
    boost::json::serialize(twin::client_view(found->twin)))};
  // What is not written yet is not shown: it could still be lost.
  self->state.group->when_safe(
    id, [self, id, start, answer, to](const caf::error& error) mutable {
      if (error) {
        to.deliver(error);
        return;
      }
      self->state.meters->got(id, twin_side::edge_hub, since(self, start));
      to.deliver(answer);
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
  auto found = find(state, wish.id);
  if (!found)
    return refuse(std::move(found.error()));
  const auto patch = twin::read_patch(wish.patch.view);
  if (!patch)
    return refuse(patch.error());
  if (auto error = twin::report(found->twin, *patch, now_text(state)))
    return refuse(std::move(error));
  const auto answer = std::make_shared<report_answer>(
    to, found->twin.reported.version,
    [self, id = wish.id, start = self->clock().now()] {
      self->state.meters->reported(id, twin_side::edge_hub, since(self, start));
    });
  const auto done
    = [answer](const caf::error& error) { answer->part_done(error); };
  keep(self, wish.id, std::move(found->twin));
  state.group->when_safe(wish.id, done);
  if (is_own_module(wish.id, state.context.node.device))
    done({}); // of its own changes the node makes no notice
  else
    state.notices->route(wish.id, wish.patch, done);
  return to;
}

void tell_client(const twins_state& state, const identity_id& id,
                 const boost::json::object& patch) {
  const auto client = state.clients.find(id);
  if (patch.empty() || client == state.clients.end()
      || !client->second.wants.desired)
    return;
  caf::anon_send(client->second.session,
                 desired_changed{id, patch.at("$version").as_int64(),
                                 std::make_shared<const std::string>(
                                   boost::json::serialize(patch))});
}

twin_document document_of(const twins_state& state, const owned_twin& of) {
  return {twin::service_document(of.owner, state.clients.contains(of.owner.id),
                                 of.twin)};
}

caf::typed_response_promise<twin_document> change(self_pointer self,
                                                  const change_twin& wish) {
  auto& state = self->state;
  auto to = self->make_response_promise<twin_document>();
  auto found = find(state, wish.id);
  if (!found) {
    to.deliver(std::move(found.error()));
    return to;
  }
  if (!wish.if_match.empty() && wish.if_match != twin::etag_text(found->twin)) {
    to.deliver(caf::make_error(ec::stale, "the twin of " + to_string(wish.id)
                                            + " has changed meanwhile"));
    return to;
  }
  auto outcome
    = twin::change(found->twin, wish.change, wish.replace, now_text(state));
  if (!outcome) {
    to.deliver(std::move(outcome.error()));
    return to;
  }
  keep(self, wish.id, found->twin);
  state.group->when_safe(wish.id, [self, id = wish.id,
                                   patch = std::move(outcome->desired_patch),
                                   document = document_of(state, *found),
                                   to](const caf::error& error) mutable {
    if (error) {
      to.deliver(error);
      return;
    }
    tell_client(self->state, id, patch);
    to.deliver(std::move(document));
  });
  return to;
}

caf::typed_response_promise<twin_document> get_document(self_pointer self,
                                                        const identity_id& id) {
  auto to = self->make_response_promise<twin_document>();
  const auto found = find(self->state, id);
  if (!found) {
    to.deliver(found.error());
    return to;
  }
  self->state.group->when_safe(id, [document = document_of(self->state, *found),
                                    to](const caf::error& error) mutable {
    if (error) {
      to.deliver(error);
      return;
    }
    to.deliver(std::move(document));
  });
  return to;
}

void take_clients(twins_state& state, const clients_changed& news) {
  for (const auto& one : news.now)
    if (one.session)
      state.clients.insert_or_assign(one.id, one);
    else
      state.clients.erase(one.id);
}

} // namespace

hub_twins_actor::behavior_type twins(self_pointer self, twins_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.group.emplace(state.context.store, &twin::hub_twin_of);
  state.notices.emplace(state.context.node, caf::actor_cast<caf::actor>(self));
  state.meters.emplace(state.context.node.meters);
  caf::anon_send(state.context.node.clients,
                 watch_clients{caf::actor_cast<caf::actor>(self)});
  return {
    [self](const get_twin& wish) { return get(self, wish.id); },
    [self](const report_properties& wish) { return report(self, wish); },
    [self](const get_twin_document& wish) {
      return get_document(self, wish.id);
    },
    [self](const change_twin& wish) { return change(self, wish); },
    [self](const clients_changed& news) { take_clients(self->state, news); },
    [self](const forget_twin& gone) {
      self->state.group->remove(gone.id);
      if (self->state.group->changed())
        self->send(self, commit_twins{});
    },
    [self](const append_done& answer) { self->state.notices->done(answer); },
    [self](commit_twins) {
      if (const auto error = self->state.group->commit())
        log::error("twins", "changes of twins cannot be written",
                   {{"reason", error_text(error)}});
    },
  };
}

} // namespace tidegate
