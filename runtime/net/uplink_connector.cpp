#include "runtime/net/uplink_connector.hpp"

#include "messages/error_text.hpp"
#include "runtime/net/connector.hpp"

#include <caf/send.hpp>

namespace tidegate {

namespace {

class uplink_connector final : public connector {
public:
  uplink_connector(io_loop& loop, std::shared_ptr<tls_client> tls,
                   std::chrono::milliseconds timeout)
    : loop_{loop}, tls_{std::move(tls)}, timeout_{timeout} {}

  void connect(const parent_endpoint& to, caf::actor session) override {
    if (to.tls && !tls_)
      return caf::anon_send(session,
                            closed{"no certificates to trust are configured"});
    connect_options options;
    options.name = "uplink";
    options.host = to.host;
    options.port = to.port;
    options.tls = to.tls ? tls_ : nullptr;
    options.timeout = timeout_;
    tidegate::connect(
      loop_, std::move(options), connection_options{},
      [session](const transport_ptr& transport) {
        caf::anon_send(session, connected{transport});
        return session;
      },
      [session](const caf::error& why) {
        caf::anon_send(session, closed{error_text(why)});
      });
  }

private:
  io_loop& loop_;
  const std::shared_ptr<tls_client> tls_;
  const std::chrono::milliseconds timeout_;
};

} // namespace

std::shared_ptr<connector>
make_uplink_connector(io_loop& loop, std::shared_ptr<tls_client> tls,
                      std::chrono::milliseconds timeout) {
  return std::make_shared<uplink_connector>(loop, std::move(tls), timeout);
}

} // namespace tidegate
