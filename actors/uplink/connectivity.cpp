#include "actors/uplink/connectivity.hpp"

namespace tidegate {

connectivity::change connectivity::succeeded(clock::time_point now) {
  const auto before = state_;
  state_ = state::connected;
  if (before != state::disconnected)
    return change::none;
  last_offline_ = now - since_;
  since_ = now;
  return change::regained;
}

connectivity::change connectivity::failed(clock::time_point now) {
  switch (state_) {
  case state::connected:
    state_ = state::trying;
    return change::none;
  case state::trying:
    state_ = state::disconnected;
    since_ = now;
    return change::lost;
  case state::disconnected:
    break;
  }
  return change::none;
}

std::chrono::duration<double>
connectivity::offline(clock::time_point now) const {
  return state_ == state::disconnected
           ? std::chrono::duration<double>{now - since_}
           : last_offline_;
}

const char* to_string(connectivity::state value) {
  switch (value) {
  case connectivity::state::disconnected:
    return "disconnected";
  case connectivity::state::trying:
    return "trying";
  case connectivity::state::connected:
    break;
  }
  return "connected";
}

} // namespace tidegate
