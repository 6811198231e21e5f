#include "actors/clients/proton_engine.hpp"

#include "actors/log.hpp"

#include <proton/connection.h>
#include <proton/connection.hpp>
#include <proton/event.h>
#include <proton/logger.h>
#include <proton/timestamp.hpp>
#include <proton/transport.h>

#include <algorithm>
#include <cstring>

namespace tidegate {

namespace {

/// Shows the C object that a C++ handle keeps to its family.
struct opened_connection : proton::connection {
  explicit opened_connection(const proton::connection& handle)
    : proton::connection{handle} {}
  pn_connection_t* get() const { return pn_object(); }
};

/// Has Proton complain in this program's log, within its limits, and not on
/// its own to the standard error output. True.
bool log_here() {
  static const bool done = [] {
    pn_logger_set_log_sink(
      pn_default_logger(),
      [](intptr_t, pn_log_subsystem_t, pn_log_level_t, const char* what) {
        log::info("amqp", "the protocol engine complains", {{"what", what}});
      },
      0);
    return true;
  }();
  return done;
}

} // namespace

proton_engine::proton_engine(side which,
                             const proton::connection_options& options)
  : logs_here_{log_here()}, connection_{
                              opened_connection{driver_.connection()}.get()} {
  if (which == side::accepts)
    driver_.accept(options);
  else
    driver_.connect(options);
}

pn_transport_t* proton_engine::transport() const {
  return pn_connection_transport(connection_);
}

std::string_view proton_engine::feed(std::string_view data) {
  const auto room = driver_.read_buffer();
  if (room.size == 0)
    return {};
  const auto size = std::min(room.size, data.size());
  std::memcpy(room.data, data.data(), size);
  driver_.read_done(size);
  return data.substr(size);
}

pn_event_t* proton_engine::next_event() {
  return pn_collector_next(pn_connection_collector(connection_));
}

std::string proton_engine::take_output() {
  std::string output;
  for (auto waiting = driver_.write_buffer(); waiting.size > 0;
       waiting = driver_.write_buffer()) {
    output.append(waiting.data, waiting.size);
    driver_.write_done(waiting.size);
  }
  return output;
}

void proton_engine::lost() {
  driver_.read_close();
  driver_.write_close();
}

std::optional<std::chrono::milliseconds>
proton_engine::tick(std::chrono::milliseconds now) {
  // Zero means "no time" to the engine, on both sides.
  const auto next = driver_.tick(proton::timestamp{now.count() + 1});
  if (next.milliseconds() == 0)
    return std::nullopt;
  return std::chrono::milliseconds{next.milliseconds() - 1};
}

bool proton_engine::finished() const {
  return pn_transport_closed(transport());
}

} // namespace tidegate
