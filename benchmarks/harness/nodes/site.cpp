#include "benchmarks/harness/nodes/site.hpp"

#include "messages/error_text.hpp"
#include "runtime/net/certificates.hpp"

#include <cstdlib>
#include <fstream>

namespace tidegate::harness {

namespace {

constexpr const char* hub_host = "hub.local";
/// Modules connect to it by name, so it has to be one that resolves.
constexpr const char* gateway_host = "localhost";
constexpr std::chrono::days certificate_life{2};

/// An identity that the edge device may act for.
identity behind_gateway(identity_id id) {
  identity made;
  made.id = std::move(id);
  if (!made.id.is_module())
    made.parent = edge_device;
  return made;
}

std::string write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  out.close();
  return out ? std::string{} : file.string() + " cannot be written";
}

/// One certificate for both nodes, and who signed it, into `folder`.
std::string write_certificates(const std::filesystem::path& folder) {
  const auto ca = make_ca("Tidegate harness", certificate_life);
  if (!ca)
    return error_text(ca.error());
  certificate_request request;
  request.common_name = hub_host;
  request.hosts = {hub_host, gateway_host, "127.0.0.1"};
  request.valid = certificate_life;
  const auto made = make_certificate(*ca, request);
  if (!made)
    return error_text(made.error());
  auto why = write(folder / "ca.pem", ca->certificate);
  if (why.empty())
    why = write(folder / "server.pem", made->certificate);
  if (why.empty())
    why = write(folder / "server.key", made->key);
  return why;
}

} // namespace

site::site(event_loop& loop, site_plan plan)
  : loop_(loop), plan_(std::move(plan)) {
  // Configuration files take paths from where they lie.
  plan_.folder = std::filesystem::absolute(plan_.folder);
}

std::string site::start() {
  std::error_code bad;
  std::filesystem::create_directories(plan_.folder, bad);
  if (bad)
    return plan_.folder.string() + ": " + bad.message();
  auto why = write_certificates(plan_.folder);
  if (why.empty())
    why = start_hub();
  if (why.empty())
    why = start_gateway();
  return why;
}

node_settings site::common_settings(const std::string& name) const {
  node_settings settings;
  settings.folder = plan_.folder / name;
  settings.certificate = plan_.folder / "server.pem";
  settings.key = plan_.folder / "server.key";
  settings.ca_file = plan_.folder / "ca.pem";
  settings.durability = plan_.durability;
  settings.machine_library = plan_.machine_library;
  return settings;
}

std::string site::start_hub() {
  auto settings = common_settings("hub");
  settings.host = hub_host;
  settings.ports.amqps = free_port();
  settings.ports.https = free_port();
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

  auto settings = common_settings("gateway");
  settings.host = gateway_host;
  settings.quota = plan_.gateway_quota;
  settings.time_to_live = plan_.gateway_time_to_live;
  settings.ports = free_ports();
  settings.routes = plan_.gateway_routes;
  settings.parent_connection = to_string(*credentials);
  settings.parent_amqp_port = amqp_wire_->port();
  settings.parent_https_port = https_wire_->port();
  settings.programs = plan_.program.parent_path();
  if (plan_.manifest) {
    settings.manifest = plan_.folder / "manifest.json";
    if (auto why = write(settings.manifest, plan_.manifest(settings.ports));
        !why.empty())
      return why;
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
  door.host = gateway_host;
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
