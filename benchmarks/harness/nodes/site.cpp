#include "benchmarks/harness/nodes/site.hpp"

#include "benchmarks/harness/nodes/certificate.hpp"
#include "messages/error_text.hpp"

#include <cstdlib>
#include <fstream>

namespace tidegate::harness {

namespace {

constexpr const char* hub_host = "hub.local";
constexpr const char* gateway_host = "gateway.local";

/// An identity that the edge device may act for.
identity behind_gateway(identity_id id) {
  identity made;
  made.id = std::move(id);
  if (!made.id.is_module())
    made.parent = edge_device;
  return made;
}

} // namespace

site::site(event_loop& loop, site_plan plan)
  : loop_(loop), plan_(std::move(plan)) {}

std::string site::start() {
  std::error_code bad;
  std::filesystem::create_directories(plan_.folder, bad);
  if (bad)
    return plan_.folder.string() + ": " + bad.message();
  auto why = start_hub();
  return why.empty() ? start_gateway() : why;
}

std::string site::start_hub() {
  node_settings settings;
  settings.host = hub_host;
  settings.folder = plan_.folder / "hub";
  settings.certificate = plan_.folder / "hub.pem";
  settings.key = plan_.folder / "hub.key";
  settings.durability = plan_.durability;
  settings.ports.amqps = free_port();
  settings.ports.https = free_port();
  if (auto why
      = write_certificate(settings.certificate, settings.key, hub_host);
      !why.empty())
    return why;
  hub_ = std::make_unique<node>(plan_.program, settings);
  if (auto why = hub_->start(); !why.empty())
    return why;
  return hub_->await_ready(loop_);
}

std::string site::start_gateway() {
  identity edge;
  edge.id.device = edge_device;
  edge.edge = true;
  const auto credentials = hub_->calls().create(edge);
  if (!credentials)
    return error_text(credentials.error());

  const auto& parent = hub_->settings().ports;
  amqp_wire_ = std::make_unique<uplink_proxy>(loop_.io(), parent.amqps);
  https_wire_ = std::make_unique<uplink_proxy>(loop_.io(), parent.https);

  node_settings settings;
  settings.host = gateway_host;
  settings.folder = plan_.folder / "gateway";
  // One certificate would do for both but for the name the uplink checks.
  settings.certificate = hub_->settings().certificate;
  settings.key = hub_->settings().key;
  settings.durability = plan_.durability;
  settings.quota = plan_.gateway_quota;
  settings.ports = free_ports();
  settings.routes = plan_.gateway_routes;
  settings.parent_connection = to_string(*credentials);
  settings.parent_amqp_port = amqp_wire_->port();
  settings.parent_https_port = https_wire_->port();
  settings.programs = plan_.program.parent_path();
  if (!plan_.manifest.empty()) {
    settings.manifest = plan_.folder / "manifest.json";
    std::ofstream{settings.manifest, std::ios::binary} << plan_.manifest;
  }
  gateway_ = std::make_unique<node>(plan_.program, settings);
  if (auto why = gateway_->start(); !why.empty())
    return why;
  return gateway_->await_ready(loop_);
}

bool site::end() {
  const auto gateway_ended = !gateway_ || gateway_->end();
  const auto hub_ended = !hub_ || hub_->end();
  return gateway_ended && hub_ended;
}

void site::set_wires(wire how) {
  amqp_wire_->set(how);
  https_wire_->set(how);
}

caf::expected<connection_string>
site::add_device(const std::string& name) const {
  return hub_->calls().create(behind_gateway({name, {}}));
}

caf::expected<connection_string>
site::add_module(const std::string& name) const {
  return hub_->calls().create(behind_gateway({edge_device, name}));
}

endpoint site::gateway_door(protocol speaks, layer over) const {
  const auto& ports = gateway_->settings().ports;
  endpoint door;
  door.address = "127.0.0.1";
  door.host = hub_host; // the name in the one certificate
  door.over = over;
  switch (over) {
  case layer::plain:
    door.port = speaks == protocol::amqp ? ports.amqp : ports.mqtt;
    break;
  case layer::tls:
    door.port = speaks == protocol::amqp ? ports.amqps : ports.mqtts;
    break;
  case layer::websocket:
    door.port = ports.ws;
    break;
  case layer::secure_websocket:
    door.port = ports.https;
    break;
  }
  return door;
}

std::filesystem::path new_folder() {
  auto name
    = (std::filesystem::temp_directory_path() / "tidegate-XXXXXX").string();
  return ::mkdtemp(name.data()) ? name : std::string{};
}

} // namespace tidegate::harness
