#pragma once

#include "actors/clients/ingress.hpp"
#include "actors/clients/topic_cache.hpp"
#include "messages/bytes.hpp"
#include "messages/iothub/inbound_topic.hpp"
#include "messages/mqtt/packet.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Whom a connection speaks for, once it is authenticated.
struct mqtt_speaker {
  identity_id id;
  std::optional<std::string> model_id;
  auth_method method = auth_method::untold; ///< by what it was let in
};

/// What a client sends: its PUBLISHes on their way into the store, and the
/// PUBACKs on their way back, in the same order (edge-hub spec 1.5 and 1.8).
/// Used inside its session actor only.
class mqtt_inbound {
public:
  /// Takes a twin operation or a method response. Views last for the call.
  /// With a hold, its PUBACK and what follows wait until that is released.
  using request_handler
    = std::function<void(const inbound_topic&, const bytes& payload,
                         std::optional<ingress::hold> held)>;

  /// `session` receives the `append_done`s.
  mqtt_inbound(const session_context_ptr& context, mqtt_speaker speaker,
               caf::actor session, request_handler on_request);

  void let_in_by(auth_method how) { speaker_.method = how; }

  /// Takes one PUBLISH that lies in `buffer`. What it returns, if anything, is
  /// why the connection is to be closed.
  std::string_view take(const mqtt::publish& packet, const bytes& buffer);

  /// The client's will, which its disconnection brings about (edge-hub spec
  /// 1.10). Returns why it can not be published, or nothing.
  std::string_view take_will(std::string_view topic, bytes payload,
                             bool retain);

  /// Sends what was taken to the store. `received` bytes are held until the
  /// last of it is decided; when nothing was taken, that is now.
  void flush(std::size_t received);

  void done(const append_done& answer) { ingress_.done(answer); }

  /// A request has been dealt with: its PUBACK may go.
  void release(ingress::hold held) { ingress_.release(held); }

  struct decision {
    std::string pubacks;       ///< to be written
    std::size_t give_back = 0; ///< bytes that are dealt with
    caf::error error;          ///< the connection is to be closed
  };
  /// Everything decided since the last call.
  decision decide();

  bool idle() const { return ingress_.undecided_messages() == 0; }

private:
  void take_twin_operation(const inbound_topic& request,
                           const mqtt::publish& packet, const bytes& buffer);
  std::string_view take_telemetry(const mqtt::publish& packet,
                                  const bytes& buffer, std::string_view bag);
  std::string_view add(const routed_head_ptr& head, bytes payload,
                       ingress::ticket ticket);
  void pass(ingress::ticket ticket);
  void drop(std::string_view what, std::string_view why,
            ingress::ticket ticket);

  ingress ingress_;
  mqtt_speaker speaker_;
  request_handler on_request_;
  topic_cache topics_;
  std::string refusal_;          ///< the sentence about what was refused last
  bool taken_ = false;           ///< since the last flush
  std::deque<std::size_t> held_; ///< bytes of each flush not yet decided
  std::size_t free_ = 0;         ///< bytes that nothing holds
};

} // namespace tidegate
