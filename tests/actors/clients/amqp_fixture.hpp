#pragma once

#include "actors/clients/amqp_session.hpp"
#include "messages/iothub/percent.hpp"
#include "support/amqp_client.hpp"
#include "support/fake_cloud.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

inline constexpr auto events_of_leaf = "/devices/leaf-9/messages/events";
inline constexpr auto far_future = "4102444800";

inline std::string token_for(const std::string& path,
                             const std::string& expiry = far_future) {
  return "SharedAccessSignature sr="
         + tidegate::percent_encode("tidehub.azure-devices.net/devices/" + path)
         + "&sig=c2lnbmF0dXJl&se=" + expiry;
}

inline std::string message(std::string_view payload,
                           const std::vector<tidegate::property>& user = {}) {
  tidegate::message_head head;
  head.user = user;
  std::string encoded;
  tidegate::amqp::write_upstream_head(encoded, head);
  tidegate::amqp::write_data_header(encoded, payload.size());
  return encoded.append(payload);
}

inline proton::connection_options anonymous() {
  return proton::connection_options{}.container_id("client").sasl_allowed_mechs(
    "ANONYMOUS");
}

/// A node with one AMQP connection, which nobody has opened yet.
struct amqp_fixture : session_node {
  /// Null: the node has neither twins nor methods nor messages from the cloud.
  std::unique_ptr<fake_cloud> cloud;
  std::shared_ptr<memory_transport> wire = std::make_shared<memory_transport>();
  caf::actor session = start(wire);
  amqp_client client{*this, wire, anonymous()};

  explicit amqp_fixture(bool with_cloud = false)
    : cloud{with_cloud ? std::make_unique<fake_cloud>(sys) : nullptr} {}

  ~amqp_fixture() { caf::anon_send_exit(session, caf::exit_reason::kill); }

  caf::actor start(const std::shared_ptr<memory_transport>& transport) {
    transport->near
      = sys.spawn(tidegate::amqp_session, share(context()), transport);
    run();
    return transport->near;
  }

  tidegate::session_context context() {
    auto made = session_node::context();
    if (cloud)
      cloud->serve(made);
    return made;
  }

  /// A connection whose token for leaf-9 is taken.
  void join(const std::string& path = "leaf-9") {
    good_tokens.insert(token_for(path));
    client.open();
    REQUIRE(client.put_token(token_for(path)) == 200);
  }

  bool connected(tidegate::identity_id id) {
    return *ask<bool>(clients, tidegate::is_connected{std::move(id)});
  }
};
