// What comes in on a connection, and how much of it while nobody is known
// there.

#include "actors/clients/amqp_connection.hpp"

#include "actors/log.hpp"

#include <proton/connection.h>

#include <algorithm>
#include <utility>

namespace tidegate {

namespace {

/// A token and the message around it fit into one.
constexpr amqp::frame_bounds frames_of_strangers{.frame = 16'384};

/// Memory that may be spent on a client before it is known who it is. Past it
/// the client is not read while somebody's verdict is to come, and else let go.
constexpr std::size_t most_spent_on_strangers = 256UL * 1024;

} // namespace

void amqp_connection::receive(const bytes& data) {
  if (closing_)
    return peer_->give_back(data.size());
  held_back_ += data.size();
  unheard_.push_back(data);
  end_turn();
}

void amqp_connection::take_in() {
  if (std::exchange(taking_, true))
    return; // a link that was given something ends its turn
  while (!unheard_.empty() && !closing_) {
    auto& data = unheard_.front();
    arena_.start(data.size());
    auto rest = data.view;
    while (!rest.empty() && !must_wait() && take_frame(rest)) {
    }
    if (!rest.empty() && !closing_) {
      data = data.slice(data.size() - rest.size(), rest.size());
      break;
    }
    unheard_.pop_front();
  }
  taking_ = false;
  check_credentials();
  if (must_wait() && !closing_)
    wait_for_verdict();
}

/// A client that is not known has said enough until somebody has decided.
void amqp_connection::wait_for_verdict() {
  const bool asking = identities_.asking() || judging_;
  std::size_t size = 0;
  for (const auto& data : unheard_)
    size += data.size();
  if (asking && (size <= stalled_ || peer_->charge(size - stalled_))) {
    stalled_ = std::max(stalled_, size);
    return;
  }
  let_go("too much was sent before anybody was let in");
}

/// Closes the connection over what its client has sent.
void amqp_connection::let_go(std::string_view why) {
  log::info("amqp", "a connection was closed",
            {{"peer", peer_->peer().address}, {"why", std::string{why}}});
  close_with({condition::limit_exceeded, std::string{why}});
}

/// Takes as much as belongs together; false when it may not be.
bool amqp_connection::take_frame(std::string_view& rest) {
  std::size_t size = 0;
  std::string_view wrong;
  std::size_t cost = 0;
  do {
    const auto seen = introduced_
                        ? guard_.look(rest.substr(size))
                        : guard_.look(rest.substr(size), frames_of_strangers);
    size += seen.size;
    cost += seen.cost;
    wrong = seen.wrong;
  } while (introduced_ && wrong.empty() && size < rest.size());
  if (!introduced_) {
    spent_ += cost;
    if (wrong.empty() && !peer_->charge(cost))
      wrong = "clients that nobody knows yet have too much memory here";
  }
  for (auto good = rest.substr(0, size); !good.empty();) {
    good = engine_.feed(good);
    handle_events();
  }
  rest.remove_prefix(size);
  // Of what brought a token only that is kept, and those are bounded: a client
  // may have many to show before it attaches for the first of them.
  if (std::exchange(kept_token_, false))
    spent_ -= std::min(spent_, cost);
  if (wrong.empty())
    return true;
  let_go(wrong);
  return false;
}

bool amqp_connection::must_wait() const {
  return !introduced_ && spent_ > most_spent_on_strangers;
}

/// Somebody on the connection has proven who it is.
void amqp_connection::introduce() {
  if (std::exchange(introduced_, true))
    return;
  peer_->introduced();
}

void amqp_connection::verify_again() {
  identities_.verify_again();
  judge_services();
  if (introduced_ && unused())
    identities_.vouch_again([this](const caf::error& why) {
      if (connection_identities::turned_away(why) && unused() && !closing_)
        close_with({condition::unauthorized, "the token is not good any more"});
      end_turn();
    });
}

void amqp_connection::expect_introduction() {
  if (introduced_ || closing_)
    return;
  log::info("amqp", "nobody on a connection was let in in time",
            {{"peer", peer_->peer().address}});
  if (pn_connection_state(engine_.connection()) & PN_REMOTE_UNINIT)
    return peer_->close();
  close_with({condition::not_allowed, "nobody was let in in time"});
  end_turn();
}

} // namespace tidegate
