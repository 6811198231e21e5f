// What a hub does with the bytes of a client that nobody knows yet.

#include "actors/clients/link_role.hpp"
#include "actors/clients/proton_engine.hpp"
#include "actors/clients/proton_values.hpp"
#include "actors/clients/sasl_server.hpp"
#include "actors/log.hpp"
#include "messages/amqp/frame_guard.hpp"

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

#include <cstdint>
#include <cstdlib>

using namespace tidegate;

namespace {

/// A connection's server side, without an actor: opens what is opened, serves
/// cbs, refuses other links, rejects what comes.
class server {
public:
  server() { sasl_.install(engine_.transport(), true); }

  void take(std::string_view bytes) {
    while (!bytes.empty() && !closed_) {
      const auto seen = guard_.look(bytes, {.frame = 16'384});
      if (!seen.wrong.empty())
        return close();
      if (seen.size == 0 || seen.size > bytes.size())
        std::abort();
      spent_ += seen.cost;
      if (spent_ > 256 * 1024)
        return close();
      for (auto good = bytes.substr(0, seen.size); !good.empty();) {
        good = engine_.feed(good);
        handle_events();
      }
      if (sasl_.take_credentials())
        sasl_.answer(spent_ % 2 == 0);
      bytes.remove_prefix(seen.size);
    }
  }

  void finish() {
    engine_.tick(std::chrono::milliseconds{1000});
    while (!engine_.take_output().empty())
      handle_events();
    close();
    while (!engine_.take_output().empty())
      handle_events();
  }

private:
  void close() {
    if (std::exchange(closed_, true))
      return;
    pn_connection_open(engine_.connection());
    pn_connection_close(engine_.connection());
  }

  void handle_events() {
    while (auto* const event = engine_.next_event())
      handle(event);
  }

  void handle(pn_event_t* event) {
    switch (pn_event_type(event)) {
    case PN_CONNECTION_REMOTE_OPEN:
      return pn_connection_open(engine_.connection());
    case PN_CONNECTION_REMOTE_CLOSE:
    case PN_TRANSPORT_ERROR:
      return close();
    case PN_SESSION_REMOTE_OPEN:
      return pn_session_open(pn_event_session(event));
    case PN_SESSION_REMOTE_CLOSE:
      pn_session_close(pn_event_session(event));
      return pn_session_free(pn_event_session(event));
    case PN_LINK_REMOTE_OPEN:
      return attach(pn_event_link(event));
    case PN_LINK_REMOTE_DETACH:
    case PN_LINK_REMOTE_CLOSE:
      pn_link_close(pn_event_link(event));
      return pn_link_free(pn_event_link(event));
    case PN_DELIVERY:
      return arrived(pn_event_delivery(event));
    default:
      return;
    }
  }

  static void attach(pn_link_t* link) {
    const bool sends = pn_link_is_sender(link);
    auto* const wanted
      = sends ? pn_link_remote_source(link) : pn_link_remote_target(link);
    const auto* const address = pn_terminus_get_address(wanted);
    const auto purpose = purpose_of(address ? address : "", sends);
    for (const auto* key :
         {"com.microsoft:auth-chain", "com.microsoft:client-version"})
      text_in(pn_link_remote_properties(link), key);
    described_text_in(pn_terminus_filter(pn_link_remote_source(link)),
                      "apache.org:selector-filter:string");
    pn_terminus_copy(pn_link_source(link), pn_link_remote_source(link));
    pn_terminus_copy(pn_link_target(link), pn_link_remote_target(link));
    pn_link_open(link);
    if (purpose && !sends)
      return pn_link_flow(link, 100);
    pn_condition_set_name(pn_link_condition(link), "amqp:not-found");
    pn_link_close(link);
  }

  static void arrived(pn_delivery_t* delivery) {
    if (pn_delivery_aborted(delivery))
      return pn_delivery_settle(delivery);
    if (!pn_delivery_readable(delivery) || pn_delivery_partial(delivery))
      return;
    auto* const link = pn_delivery_link(delivery);
    std::string encoded(pn_delivery_pending(delivery), '\0');
    pn_link_recv(link, encoded.data(), encoded.size());
    pn_link_advance(link);
    pn_delivery_update(delivery, PN_REJECTED);
    pn_delivery_settle(delivery);
  }

  sasl_server sasl_;
  proton_engine engine_{proton_engine::side::accepts,
                        proton::connection_options{}
                          .container_id("hub")
                          .max_frame_size(65'536)
                          .max_sessions(1000)};
  amqp::frame_guard guard_;
  std::size_t spent_ = 0;
  bool closed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  log::set_level(log::level::error);
  return 0;
}

/// The first byte says in what pieces the rest comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];
  std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  server one;
  while (!text.empty()) {
    one.take(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  one.finish();
  return 0;
}
