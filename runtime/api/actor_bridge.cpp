#include "runtime/api/actor_bridge.hpp"

#include "messages/ec.hpp"

#include <caf/sec.hpp>

namespace tidegate {

caf::behavior bridge(caf::event_based_actor* self) {
  return {[self](const bridge_task& task) { task.run(self); }};
}

unsigned http_status(const caf::error& error) {
  if (error == ec::bad_argument)
    return 400;
  if (error == ec::unauthorized)
    return 401;
  if (error == ec::store_full)
    return 403; // as IoT Hub says that a quota is used up
  if (error == ec::not_found)
    return 404;
  if (error == ec::refused || error == ec::exists)
    return 409;
  if (error == ec::stale)
    return 412;
  if (error == ec::unavailable)
    return 503;
  if (error == ec::timed_out || error == caf::sec::request_timeout)
    return 504;
  return 500;
}

std::function<void(const caf::error&)> tell_error(http::responder answer) {
  return [answer](const caf::error& error) {
    answer.send_error(http_status(error), error_text(error));
  };
}

std::function<void(const caf::error&)> tell_plain_error(http::responder answer,
                                                        const identity_id&) {
  return tell_error(std::move(answer));
}

} // namespace tidegate
