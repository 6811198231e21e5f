#include "actors/uplink/parent_dialog.hpp"

#include "actors/log.hpp"
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

/// So many links are kept free for questions, whatever clients want.
std::size_t kept_for_questions(std::size_t most) {
  return std::min<std::size_t>(most / 10, 200);
}

/// That clients wait for links is said so often.
constexpr auto pause_of_complaints = std::chrono::minutes{1};

/// Clients whose turn comes at the same time.
constexpr std::size_t turns_at_once = 20;

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
           [this](std::size_t count, dialog_tools::purpose why) {
             return make_room(count, why);
           },
           [this](const identity_id& id) { wait_for_room(id); },
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
  auto& one = entry_of(wish.id);
  one.twin.follow(wish.wanted,
                  [answer](const caf::expected<remote_answer>& from) mutable {
                    if (from)
                      answer.deliver(desired_followed{});
                    else
                      answer.deliver(from.error());
                  });
  note_served(one);
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
    note_served(next);
    if (!is_connected(next.id) && next.twin.idle())
      next.twin.close();
  }
}

/// Links of twins that were not asked about for the longest time make room.
bool parent_dialog::make_room(std::size_t count, dialog_tools::purpose why) {
  auto most = tools_.context.options.most_dialog_links;
  if (why == dialog_tools::purpose::wish)
    most -= kept_for_questions(most);
  while (tools_.open + count > most) {
    auto* const oldest = oldest_idle();
    if (!oldest)
      return false;
    oldest->close();
  }
  return true;
}

/// A look at all of them finds what is closed next, one by one.
twin_links* parent_dialog::oldest_idle() {
  const auto take = [this]() -> twin_links* {
    while (!idle_.empty()) {
      auto* const last = idle_.back();
      idle_.pop_back();
      if (last->is_open() && last->idle())
        return last;
    }
    return nullptr;
  };
  if (auto* const known = take())
    return known;
  for (const auto& [id, one] : entries_)
    if (one->twin.is_open() && one->twin.idle())
      idle_.push_back(&one->twin);
  std::sort(idle_.begin(), idle_.end(),
            [](const twin_links* a, const twin_links* b) {
              return a->last_used() > b->last_used();
            });
  return take();
}

void parent_dialog::wait_for_room(const identity_id& id) {
  auto& one = *entries_.at(id);
  if (!std::exchange(one.short_of, true))
    short_.push_back(id);
}

/// Whoever has had links for the longest time, and has nothing under way,
/// gives them to those who have none, and waits in its turn.
bool parent_dialog::give_way(std::size_t count) {
  const auto now = tools_.now();
  for (auto left = served_.size(); left > 0; --left) {
    if (make_room(count, dialog_tools::purpose::wish))
      return true;
    const auto known = entries_.find(served_.front());
    if (known == entries_.end()) {
      served_.pop_front();
      continue;
    }
    auto& one = *known->second;
    if (now - one.served < tools_.context.options.link_turn)
      return false; // and so have those behind it
    served_.pop_front();
    one.held = false;
    one.twin.give_turn();
    one.methods.give_turn();
    one.commands.give_turn();
    if (one.lacking() > 0)
      wait_for_room(one.id);
    note_served(one); // what was in use stays
  }
  return make_room(count, dialog_tools::purpose::wish);
}

/// Those who lack links get them, as many as can be opened now.
void parent_dialog::take_turns() {
  for (auto left = std::min(turns_at_once, short_.size());
       left > 0 && tools_.links.unanswered() < most_opening; --left) {
    const auto known = entries_.find(short_.front());
    const auto count = known == entries_.end() ? 0 : known->second->lacking();
    if (count > 0 && !give_way(count))
      return;
    const auto id = short_.front();
    short_.pop_front();
    if (known == entries_.end())
      continue;
    auto& one = *known->second;
    one.short_of = false;
    one.twin.take_turn();
    one.methods.take_turn();
    one.commands.take_turn();
    note_served(one);
    if (one.lacking() > 0)
      wait_for_room(id);
  }
}

/// From now on it has its links for a while.
void parent_dialog::note_served(entry& one) {
  if (one.id.device == tools_.context.device && one.id.module.starts_with('$'))
    return; // this node's own
  if (!one.holds_links() || std::exchange(one.held, true))
    return;
  one.served = tools_.now();
  served_.push_back(one.id);
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
  take_turns();
  idle_.clear(); // they may be among those that are forgotten
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
  tools_.context.meters
    ->gauge("tidegate_uplink_links_waiting",
            "Clients that wait for links to the parent.")
    .Set(static_cast<double>(short_.size()));
  const auto now = tools_.now();
  if (short_.empty() || now - complained_ < pause_of_complaints)
    return;
  complained_ = now;
  log::warning("uplink",
               "more links to the parent are wanted than there may be: clients "
               "have them in turns",
               {{"links", std::to_string(tools_.open)},
                {"clients_waiting", std::to_string(short_.size())}});
}

} // namespace tidegate
