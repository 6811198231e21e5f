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

pending_calls::admission pending_calls::add(const std::string& rid,
                                            const invoke_method& wish,
                                            time now) {
  const auto known = targets_.find(wish.target);
  const auto ready = known != targets_.end() && known->second.takes_calls;
  if (!ready && wish.connect_timeout <= wish.connect_timeout.zero())
    return admission::absent;
  if (calls_.size() >= limits_.calls
      || (known != targets_.end()
          && known->second.calls >= limits_.calls_of_target))
    return admission::crowded;
  const auto connect_by = now + wish.connect_timeout;
  auto& made = calls_[lower_case(rid)];
  made = {rid,        wish.target,    wish.response_timeout,
          connect_by, phase::waiting, connect_by};
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
  if (session == 0 && known.calls == 0)
    targets_.erase(id);
  return orphans;
}

std::optional<std::string> pending_calls::answer(const identity_id& by,
                                                 const std::string& rid) {
  const auto known = calls_.find(lower_case(rid));
  if (known == calls_.end() || known->second.target != by
      || known->second.is != phase::running)
    return std::nullopt;
  auto made = known->second.rid;
  end(known);
  return made;
}

pending_calls::due_calls pending_calls::take_due(time now) {
  due_calls what;
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
  const auto first = std::min_element(
    calls_.begin(), calls_.end(), [](const auto& left, const auto& right) {
      return left.second.due < right.second.due;
    });
  if (first == calls_.end())
    return std::nullopt;
  return first->second.due;
}

void pending_calls::run(call& one, time now) {
  one.is = phase::running;
  one.due = now + one.response_timeout;
}

pending_calls::call_map::iterator pending_calls::end(call_map::iterator one) {
  const auto of = targets_.find(one->second.target);
  --of->second.calls;
  if (of->second.calls == 0 && of->second.session == 0)
    targets_.erase(of);
  return calls_.erase(one);
}

} // namespace tidegate
