#include "runtime/net/connection.hpp"

#include <algorithm>
#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

constexpr std::size_t unread_limit_of_strangers = 32UL * 1024;

} // namespace

connection::connection(io_loop& loop, peer_info peer,
                       connection_options_ptr options,
                       stranger_memory::account_ptr account)
  : loop_{loop}, peer_{std::move(peer)}, options_{std::move(options)},
    account_{std::move(account)}, timer_{loop.context()} {}

void connection::write(bytes data) {
  if (deaf_)
    return;
  if (queue_.push(std::move(data)) > options_->unsent_limit)
    deaf_ = true;
  call();
}

void connection::give_back(std::size_t count) {
  const auto before = unread_.fetch_sub(count);
  for (const auto limit : {options_->unread_limit, unread_limit_of_strangers})
    if (before > limit && before - count <= limit)
      return call();
}

/// A session cannot have charged for what it has not seen.
std::size_t connection::unread_limit() const {
  return stranger_ ? std::min(options_->unread_limit, unread_limit_of_strangers)
                   : options_->unread_limit;
}

void connection::tell_drained() {
  drain_wanted_ = true;
  call();
}

void connection::introduced() {
  introduced_ = true;
  call();
}

void connection::close() {
  deaf_ = true;
  close_wanted_ = true;
  call();
}

void connection::call() {
  if (!called_.exchange(true))
    loop_.attend(shared_from_this());
}

void connection::start(const session_factory& make_session) {
  session_ = make_session(shared_from_this());
  if (!session_)
    return fail("no session took the connection");
  // A session that dies without a word takes its connection along.
  caf::actor_cast<caf::abstract_actor*>(session_)->attach_functor(
    [weak = weak_from_this()](const caf::error&) {
      if (const auto self = weak.lock())
        self->close();
    });
  read();
}

void connection::attend() {
  called_ = false;
  if (phase_ == phase::gone)
    return;
  if (introduced_.exchange(false)) {
    free_stranger();
    stranger_ = false;
  }
  if (queue_.waiting() > options_->unsent_limit)
    return fail("the peer does not read fast enough: "
                + std::to_string(queue_.waiting()) + " bytes wait to be sent");
  if (close_wanted_ && phase_ == phase::open) {
    phase_ = phase::flushing;
    close_deadline_ = clock::now() + options_->close_timeout;
    watch_until(close_deadline_);
  }
  if (phase_ != phase::leaving)
    send();
  const auto resume = paused_ && unread_ <= unread_limit();
  if (phase_ == phase::open && (resume || std::exchange(read_again_, false))) {
    paused_ = false;
    read();
  }
}

bool connection::may_read() {
  paused_ = unread_ > unread_limit();
  if (paused_)
    input_.shrink();
  return !paused_;
}

std::span<char> connection::room() {
  const auto all = input_.room();
  return stranger_ ? all.first(std::min(all.size(), unread_limit_of_strangers))
                   : all;
}

bool connection::deliver() {
  auto found = options_->frame ? options_->frame(input_.view())
                               : framing{input_.view().size(), 0, {}};
  if (found.whole > 0) {
    unread_ += found.whole;
    caf::anon_send(session_, received{input_.take(found.whole)});
  }
  if (!found.violation.empty()) {
    fail("protocol error: " + std::string{found.violation});
    return false;
  }
  if (found.next > expected_) {
    if (!charge(found.next - expected_)) {
      fail("strangers have too much memory");
      return false;
    }
    expected_ = found.next;
  }
  input_.expect(found.next);
  return true;
}

void connection::sent(std::size_t count) {
  if (count == 0)
    return;
  queue_.pop(count);
  progress_ = clock::now();
}

void connection::all_sent() {
  blocked_ = false;
  if (drain_wanted_.exchange(false) && session_)
    caf::anon_send(session_, drained{});
  if (phase_ != phase::flushing)
    return;
  phase_ = phase::leaving;
  tell_closed("closed by this side");
  say_goodbye();
}

void connection::read_again() {
  read_again_ = true;
  call();
}

void connection::watch_output() {
  if (!std::exchange(blocked_, true))
    progress_ = clock::now();
  if (!watching_)
    watch_until(progress_ + options_->stall_timeout);
}

void connection::watch_until(clock::time_point deadline) {
  watching_ = true;
  timer_.expires_at(deadline);
  timer_.async_wait(
    [self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled)
        self->on_deadline();
    });
}

void connection::on_deadline() {
  watching_ = false;
  if (phase_ == phase::gone)
    return;
  if (phase_ != phase::open)
    return fail("the peer did not take the rest in time");
  if (!blocked_)
    return;
  const auto deadline = progress_ + options_->stall_timeout;
  if (clock::now() < deadline)
    return watch_until(deadline);
  fail("the peer takes nothing: " + std::to_string(queue_.waiting())
       + " bytes wait to be sent");
}

void connection::tell_closed(std::string reason) {
  if (session_)
    caf::anon_send(session_, closed{std::move(reason)});
  session_ = nullptr;
}

void connection::fail(std::string reason) {
  tell_closed(std::move(reason));
  drop();
}

void connection::drop() {
  if (phase_ == phase::gone)
    return;
  phase_ = phase::gone;
  deaf_ = true;
  input_ = {};
  timer_.cancel();
  drop_socket();
}

} // namespace tidegate
