#include "actors/uplink/parent_dialog.hpp"

#include "messages/ec.hpp"
#include "messages/own_module.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <random>

namespace tidegate {

namespace {

/// Links that are opened at the same time for what clients want; a question
/// about a twin does not have to wait behind them.
constexpr std::size_t most_opening = 100;

/// A twin of who is not connected is of no interest for longer.
constexpr auto absent_patience = std::chrono::seconds{10};

std::uint64_t random_seed() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

caf::error not_there() {
  return caf::make_error(ec::unavailable, "the parent is not reached yet");
}

} // namespace

parent_dialog::parent_dialog(caf::event_based_actor* self,
                             const uplink_context& context, link_opener& links)
  : tools_{self,
           context,
           links,
           routing::guid_source{random_seed()},
           [this](std::size_t count) { return make_room(count); },
           0,
           self->clock().now(),
           {}} {
  if (context.clients)
    caf::anon_send(context.clients,
                   watch_clients{caf::actor_cast<caf::actor>(self)});
}

void parent_dialog::start() {
  started_ = true;
  tools_.answered = tools_.now();
  const auto& context = tools_.context;
  // The node itself takes calls of methods as any client, and so does its
  // agent.
  for (const auto& own : {hub_of(context.device), agent_of(context.device)}) {
    connected_.insert(own);
    set(own, {true, false, false});
  }
  pump();
  const upstream_ready ready{caf::actor_cast<caf::actor>(tools_.self)};
  for (const auto& whom : {context.twins, context.c2d})
    if (whom)
      caf::anon_send(whom, ready);
}

parent_dialog::entry& parent_dialog::entry_of(const identity_id& id) {
  auto& known = entries_[id];
  if (!known)
    known = std::make_unique<entry>(tools_, id);
  return *known;
}

void parent_dialog::ask(const fetch_twin& wish,
                        caf::typed_response_promise<twin_text> answer) {
  if (!started_) {
    answer.deliver(not_there());
    return;
  }
  entry_of(wish.id).twin.ask(
    amqp::twin_verb::get, {},
    [answer](const caf::expected<remote_answer>& from) mutable {
      if (from)
        answer.deliver(
          twin_text{std::make_shared<const std::string>(from->body.view)});
      else
        answer.deliver(from.error());
    });
}

void parent_dialog::ask(
  const push_reported& wish,
  caf::typed_response_promise<properties_reported> answer) {
  if (!started_) {
    answer.deliver(not_there());
    return;
  }
  entry_of(wish.id).twin.ask(
    amqp::twin_verb::patch, *wish.patch,
    [answer](const caf::expected<remote_answer>& from) mutable {
      if (from)
        answer.deliver(properties_reported{from->version});
      else
        answer.deliver(from.error());
    });
}

void parent_dialog::ask(const follow_desired& wish,
                        caf::typed_response_promise<desired_followed> answer) {
  if (!started_) {
    answer.deliver(not_there());
    return;
  }
  entry_of(wish.id).twin.follow(
    wish.wanted, [answer](const caf::expected<remote_answer>& from) mutable {
      if (from)
        answer.deliver(desired_followed{});
      else
        answer.deliver(from.error());
    });
}

void parent_dialog::test() {
  tested_ = tools_.now();
  const identity_id own{tools_.context.device, "$edgeHub"};
  entry_of(own).twin.ask(amqp::twin_verb::get, {},
                         [](const caf::expected<remote_answer>&) {});
}

void parent_dialog::decided(const c2d_decided& news) {
  if (const auto known = entries_.find(news.by); known != entries_.end())
    known->second->commands.decided(news);
}

void parent_dialog::ended(const method_ended& news) {
  if (const auto known = entries_.find(news.target); known != entries_.end())
    known->second->methods.answer(news);
}

void parent_dialog::take(const clients_changed& news) {
  for (const auto& client : news.now) {
    if (client.session)
      connected_.insert(client.id);
    else
      connected_.erase(client.id);
    set(client.id, client.session ? client.wants : client_wants{});
  }
}

void parent_dialog::set(const identity_id& id, const client_wants& wants) {
  if (wants == client_wants{} && !entries_.contains(id))
    return;
  auto& one = entry_of(id);
  one.wants = wants;
  if (!std::exchange(one.listed, true))
    due_.push_back(id);
}

void parent_dialog::pump() {
  const auto& context = tools_.context;
  while (started_ && !due_.empty()
         && tools_.links.unanswered() < most_opening) {
    auto& next = *entries_.at(due_.front());
    due_.pop_front();
    next.listed = false;
    next.methods.want(next.wants.methods && context.methods);
    next.commands.want(next.wants.c2d && context.c2d && !next.id.is_module());
    if (!is_connected(next.id) && next.twin.idle())
      next.twin.close();
  }
}

/// The twin that was not asked about for the longest time makes room.
bool parent_dialog::make_room(std::size_t count) {
  const auto most = tools_.context.options.most_dialog_links;
  while (tools_.open + count > most) {
    twin_links* oldest = nullptr;
    for (const auto& [id, one] : entries_)
      if (one->twin.is_open() && one->twin.idle()
          && (!oldest || one->twin.last_used() < oldest->last_used()))
        oldest = &one->twin;
    if (!oldest)
      return false;
    oldest->close();
  }
  return true;
}

void parent_dialog::look_around() {
  const auto now = tools_.now();
  const auto& options = tools_.context.options;
  for (const auto& [id, one] : entries_) {
    one->twin.look_around();
    one->methods.look_around();
    one->commands.look_around();
    const auto patience
      = is_connected(id) ? options.idle_timeout : absent_patience;
    if (one->twin.idle() && now - one->twin.last_used() >= patience)
      one->twin.close();
  }
  std::erase_if(entries_,
                [](const auto& known) { return known.second->is_unused(); });
  if (started_
      && now - std::max(tools_.answered, tested_) >= options.check_period)
    test();
  pump();
  show_size();
}

void parent_dialog::show_size() {
  tools_.context.meters
    ->gauge("tidegate_upstream_links",
            "Links to the parent for twins, methods and messages from the "
            "cloud.")
    .Set(static_cast<double>(tools_.open));
}

} // namespace tidegate
