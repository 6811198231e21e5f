#include "benchmarks/harness/nodes/node_settings.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sstream>

namespace tidegate::harness {

namespace {

/// TOML's basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const auto c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

/// Writes `key = value` lines of one section.
class section {
public:
  section(std::ostream& out, const char* name) : out_(out) {
    out_ << '[' << name << "]\n";
  }

  void text(const std::string& key, const std::string& value) {
    if (!value.empty())
      out_ << key << " = " << quoted(value) << '\n';
  }
  void number(const char* key, std::int64_t value) {
    out_ << key << " = " << value << '\n';
  }
  void listener(const char* key, std::uint16_t port) {
    if (port != 0)
      text(key, "127.0.0.1:" + std::to_string(port));
  }

private:
  std::ostream& out_;
};

void write_parent(std::ostream& out, const node_settings& settings) {
  if (settings.parent_connection.empty())
    return;
  section parent{out, "parent"};
  parent.text("connection", settings.parent_connection);
  parent.text("address", "127.0.0.1");
  parent.number("amqp_port", settings.parent_amqp_port);
  parent.number("https_port", settings.parent_https_port);
  parent.text("ca_file", settings.ca_file.string());
  parent.text("retry_unit", "50ms");
  parent.text("retry_longest", "500ms");
  parent.text("progress_timeout", "3s");
}

} // namespace

std::string node_configuration(const node_settings& settings) {
  std::ostringstream out;
  section node{out, "node"};
  node.text("data", (settings.folder / "data").string());
  node.text("run", (settings.folder / "run").string());
  node.text("host", settings.host);
  write_parent(out, settings);
  section listeners{out, "listeners"};
  listeners.listener("mqtt", settings.ports.mqtt);
  listeners.listener("mqtts", settings.ports.mqtts);
  listeners.listener("amqp", settings.ports.amqp);
  listeners.listener("amqps", settings.ports.amqps);
  listeners.listener("https", settings.ports.https);
  listeners.listener("ws", settings.ports.ws);
  section tls{out, "tls"};
  tls.text("certificate", settings.certificate.string());
  tls.text("key", settings.key.string());
  tls.text("ca_file", settings.ca_file.string());
  section store{out, "store"};
  store.text("durability", settings.durability);
  store.text("quota", settings.quota);
  store.text("time_to_live", settings.time_to_live);
  section limits{out, "limits"};
  limits.number("clients", 1'000'000);
  section twins{out, "twins"};
  twins.text("report_period", "500ms");
  twins.text("sync_period", "1s");
  section modules{out, "modules"};
  modules.text("manifest", settings.manifest.string());
  modules.text("programs", settings.programs.string());
  modules.number("users", 0); // they share folders with the harness
  modules.text("backoff_unit", "100ms");
  modules.text("backoff_longest", "500ms");
  section routes{out, "routes"};
  for (const auto& [name, route] : settings.routes)
    routes.text(name, route);
  return out.str();
}

std::uint16_t free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor probe{
    io, {boost::asio::ip::address_v4::loopback(), 0}};
  return probe.local_endpoint().port();
}

node_ports free_ports() {
  return {free_port(), free_port(), free_port(),
          free_port(), free_port(), free_port()};
}

} // namespace tidegate::harness
