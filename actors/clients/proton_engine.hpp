#pragma once

#include <proton/connection_options.hpp>
#include <proton/io/connection_driver.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

struct pn_connection_t;
struct pn_event_t;
struct pn_transport_t;

namespace tidegate {

/// Proton's protocol engine for one AMQP connection, without a socket: bytes
/// in, events, bytes out. Built on `proton::io::connection_driver`; its events
/// are taken as the C library gives them, because the C++ handler decodes
/// every message on arrival, and a batch must be seen as it came.
/// Used inside one actor only.
class proton_engine {
public:
  enum class side { accepts, connects };

  proton_engine(side which, const proton::connection_options& options);

  proton_engine(const proton_engine&) = delete;
  proton_engine& operator=(const proton_engine&) = delete;

  pn_connection_t* connection() const { return connection_; }
  pn_transport_t* transport() const;

  /// Bytes from the peer. Returns the part that could not be taken yet: call
  /// `next_event` until it is empty, then feed the rest. What arrives after
  /// the engine has stopped reading is taken and ignored.
  std::string_view feed(std::string_view data);

  /// The next thing that happened; null when there is nothing more. Valid
  /// until the next call.
  pn_event_t* next_event();

  /// Everything that waits to be sent. What was queued is encoded now.
  std::string take_output();

  /// The connection was lost; nothing will be read or written any more.
  void lost();

  /// Lets time pass: sends heartbeats, notices a silent peer. Returns when to
  /// call it again at the latest, on the same clock; nothing when no time-out
  /// is running.
  std::optional<std::chrono::milliseconds> tick(std::chrono::milliseconds now);

  /// No further byte can be read or written.
  bool finished() const;

private:
  const bool logs_here_; ///< before an engine is made, which keeps its logger
  proton::io::connection_driver driver_;
  pn_connection_t* connection_;
};

} // namespace tidegate
