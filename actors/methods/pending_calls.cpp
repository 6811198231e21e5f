#include "actors/methods/pending_calls.hpp"

#include <algorithm>

namespace tidegate {

namespace {

std::string lower_case(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return text;
}

} // namespace

bool pending_calls::is_crowded(const invoke_method& wish) const {
  using kind = method_caller::kind;
  const auto more = wish.payload.view.size();
  // Nobody keeps the operator out.
  const auto kept = wish.from.is == kind::operator_ ? 0 : limits_.calls / 20;
  if (calls_.size() + kept >= limits_.calls
      || payload_ + more > limits_.payload)
    return true;
  if (wish.from.is != kind::module)
    return false;
  const auto found = callers_.find(wish.from);
  const auto its = found == callers_.end() ? usage{} : found->second;
  return its.calls >= limits_.calls_of_module
         || its.payload + more > limits_.payload_of_module
         || of_modules_.calls >= limits_.calls_of_modules
         || of_modules_.payload + more > limits_.payload_of_modules;
}

void pending_calls::count(const method_caller& from, std::size_t payload) {
  payload_ += payload;
  if (from.is != method_caller::kind::module)
    return;
  for (auto* of : {&callers_[from], &of_modules_}) {
    ++of->calls;
    of->payload += payload;
  }
}

void pending_calls::forget(const method_caller& from, std::size_t payload) {
  payload_ -= payload;
  if (from.is != method_caller::kind::module)
    return;
  const auto its = callers_.find(from);
  for (auto* of : {&its->second, &of_modules_}) {
    --of->calls;
    of->payload -= payload;
  }
  if (its->second.calls == 0)
    callers_.erase(its);
}

pending_calls::admission pending_calls::add(const std::string& rid,
                                            const invoke_method& wish,
                                            time now) {
  const auto known = targets_.find(wish.target);
  const auto ready = known != targets_.end() && known->second.takes_calls;
  if (!ready && wish.connect_timeout <= wish.connect_timeout.zero())
    return admission::absent;
  if (is_crowded(wish)
      || (known != targets_.end()
          && known->second.calls >= limits_.calls_of_target))
    return admission::crowded;
  const auto connect_by = now + wish.connect_timeout;
  auto& made = calls_[lower_case(rid)];
  made = {rid,
          wish.target,
          wish.response_timeout,
          connect_by,
          phase::waiting,
          connect_by,
          wish.from,
          wish.payload.view.size()};
  count(made.from, made.payload);
  ++targets_[wish.target].calls;
  if (!ready)
    return admission::wait;
  run(made, now);
  return admission::deliver;
}

std::vector<std::string> pending_calls::set_client(const identity_id& id,
                                                   std::uint64_t session,
                                                   bool takes_calls, time now) {
  auto& known = targets_[id];
  const auto replaced = known.session != session;
  known.session = session;
  known.takes_calls = takes_calls && session != 0;
  const auto ready = known.takes_calls;
  std::vector<std::string> orphans;
  for (auto at = calls_.begin(); known.calls > 0 && at != calls_.end();) {
    auto& one = at->second;
    if (one.target == id && one.is == phase::running && replaced) {
      orphans.push_back(one.rid);
      --known.calls;
      forget(one.from, one.payload);
      at = calls_.erase(at);
      continue;
    }
    if (one.target == id && one.is == phase::waiting && ready) {
      one.is = phase::settling;
      one.due = now + limits_.settling;
    } else if (one.target == id && one.is == phase::settling && !ready) {
      one.is = phase::waiting;
      one.due = one.connect_by;
    }
    ++at;
  }
  if (replaced)
    for (auto at = left_.begin(); at != left_.end();)
      at = at->second.target == id ? end(at) : std::next(at);
  if (session == 0 && known.calls == 0)
    targets_.erase(id);
  return orphans;
}

std::optional<std::string> pending_calls::answer(const identity_id& by,
                                                 const std::string& rid) {
  const auto key = lower_case(rid);
  if (const auto left = left_.find(key);
      left != left_.end() && left->second.target == by)
    end(left);
  const auto known = calls_.find(key);
  if (known == calls_.end() || known->second.target != by
      || known->second.is != phase::running)
    return std::nullopt;
  auto made = known->second.rid;
  end(known);
  return made;
}

pending_calls::due_calls pending_calls::take_due(time now) {
  due_calls what;
  for (auto at = left_.begin(); at != left_.end();)
    at = at->second.due <= now ? end(at) : std::next(at);
  for (auto at = calls_.begin(); at != calls_.end();) {
    auto& one = at->second;
    if (one.due > now) {
      ++at;
    } else if (one.is == phase::settling) {
      what.deliver.push_back(one.rid);
      run(one, now);
      ++at;
    } else {
      auto& into = one.is == phase::waiting ? what.absent : what.silent;
      into.push_back(one.rid);
      at = end(at);
    }
  }
  return what;
}

std::optional<pending_calls::time> pending_calls::next_due() const {
  std::optional<time> first;
  for (const auto& [rid, one] : calls_)
    first = std::min(first.value_or(one.due), one.due);
  for (const auto& [rid, one] : left_)
    first = std::min(first.value_or(one.due), one.due);
  return first;
}

void pending_calls::run(call& one, time now) {
  one.is = phase::running;
  one.due = now + one.response_timeout;
}

bool pending_calls::abandon(const std::string& rid) {
  const auto known = calls_.find(lower_case(rid));
  if (known == calls_.end())
    return false;
  const auto& one = known->second;
  if (one.is == phase::running && one.from.is == method_caller::kind::module) {
    left_.emplace(known->first, left_call{one.target, one.due, one.from});
    count(one.from, 0);
  }
  end(known);
  return true;
}

pending_calls::left_map::iterator pending_calls::end(left_map::iterator one) {
  forget(one->second.from, 0);
  return left_.erase(one);
}

pending_calls::call_map::iterator pending_calls::end(call_map::iterator one) {
  forget(one->second.from, one->second.payload);
  const auto of = targets_.find(one->second.target);
  --of->second.calls;
  if (of->second.calls == 0 && of->second.session == 0)
    targets_.erase(of);
  return calls_.erase(one);
}

} // namespace tidegate
