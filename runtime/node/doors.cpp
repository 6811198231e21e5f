#include "runtime/node/doors.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/mqtt/frame.hpp"
#include "runtime/api/methods_api.hpp"
#include "runtime/config/values.hpp"
#include "runtime/http/server.hpp"
#include "runtime/node/open_files.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>

namespace tidegate {

namespace {

framing frame_mqtt(std::string_view text) {
  const auto scan = mqtt::scan_frames(text);
  return {scan.complete, scan.pending, scan.error};
}

/// Opens listeners one after the other; after the first failure nothing more
/// is opened.
class door_opener {
public:
  door_opener(const config& from, io_loop& loop, const door_targets& targets)
    : from_{from}, loop_{loop}, targets_{targets} {}

  void tls() {
    const auto& listeners = from_.listeners;
    if (!listeners.mqtts && !listeners.amqps && !listeners.https)
      return;
    tls_server_options options;
    options.certificate_file = from_.tls.certificate;
    options.key_file = from_.tls.key;
    options.request_client_certificate = from_.tls.client_certificates;
    auto opened = tls_server::open(options);
    if (opened)
      made_.tls = *opened;
    else
      error_ = opened.error();
  }

  void sessions(const std::string& name,
                const std::optional<listen_address>& at, bool encrypted,
                const session_factory& make, bool mqtt) {
    if (!at || error_)
      return;
    take(name, listen(loop_, options_for(name, *at, encrypted),
                      connections(mqtt), make));
  }

  void http(const std::string& name, const std::optional<listen_address>& at,
            bool encrypted, http::handler handle, bool websocket) {
    if (!at || error_)
      return;
    http::server_options options;
    options.listen = options_for(name, *at, encrypted);
    options.answer_timeout = longest_method_answer;
    options.introduction_timeout = from_.limits.connect_arrival;
    http::websocket_endpoints endpoints;
    if (websocket) {
      endpoints["mqtt"] = {connections(true), targets_.mqtt};
      endpoints["AMQPWSB10"] = {connections(false), targets_.amqp};
    }
    take(name, http::serve(loop_, std::move(options), std::move(handle),
                           std::move(endpoints)));
  }

  caf::expected<doors> finish() {
    if (error_) {
      made_.close();
      return error_;
    }
    return std::move(made_);
  }

private:
  static std::size_t count(const config& from) {
    const auto& at = from.listeners;
    return static_cast<std::size_t>(std::ranges::count_if(
      std::array{&at.mqtts, &at.amqps, &at.https, &at.mqtt, &at.amqp, &at.ws,
                 &from.metrics.listen},
      [](const auto* one) { return one->has_value(); }));
  }

  listen_options options_for(const std::string& name, const listen_address& at,
                             bool encrypted) const {
    listen_options options;
    options.name = name;
    options.connection_limit = most_connections_;
    options.meters = targets_.meters;
    options.memory = strangers_;
    options.address = at.host == "*" ? std::string{} : at.host;
    options.port = at.port;
    if (encrypted)
      options.tls = made_.tls;
    return options;
  }

  connection_options connections(bool mqtt) const {
    connection_options options;
    options.unread_limit
      = static_cast<std::size_t>(from_.limits.unacknowledged_bytes);
    if (mqtt)
      options.frame = frame_mqtt;
    return options;
  }

  void take(const std::string& name, caf::expected<listener_ptr> opened) {
    if (!opened) {
      error_ = caf::make_error(ec::refused, "listeners." + name + ": "
                                              + error_text(opened.error()));
      return;
    }
    made_.ports[name] = (*opened)->port();
    made_.open.push_back(std::move(*opened));
  }

  const config& from_;
  io_loop& loop_;
  const door_targets& targets_;
  const std::size_t most_connections_
    = connections_per_listener(raise_file_limit(), count(from_));
  const stranger_memory_ptr strangers_
    = std::make_shared<stranger_memory>(targets_.meters);
  doors made_;
  caf::error error_;
};

} // namespace

void doors::close() {
  for (const auto& one : open)
    one->stop();
  open.clear();
}

caf::expected<doors> open_doors(const config& from, io_loop& loop,
                                const door_targets& targets) {
  door_opener opener{from, loop, targets};
  const auto& at = from.listeners;
  opener.tls();
  opener.sessions("mqtts", at.mqtts, true, targets.mqtt, true);
  opener.sessions("amqps", at.amqps, true, targets.amqp, false);
  opener.http("https", at.https, true, targets.rest, true);
  opener.sessions("mqtt", at.mqtt, false, targets.mqtt, true);
  opener.sessions("amqp", at.amqp, false, targets.amqp, false);
  opener.http("ws", at.ws, false, targets.rest, true);
  opener.http("metrics", from.metrics.listen, false, targets.metrics, false);
  return opener.finish();
}

caf::error write_ports(const config& from, const doors& of) {
  boost::json::object ports;
  for (const auto& [name, port] : of.ports)
    ports[name] = port;
  const auto path = from.node.run / "ports.json";
  const auto draft = from.node.run / "ports.json.new";
  std::error_code failed;
  std::filesystem::create_directories(from.node.run, failed);
  std::ofstream out{draft};
  out << boost::json::serialize(ports) << '\n';
  out.close();
  if (out)
    std::filesystem::rename(draft, path, failed);
  if (!out || failed)
    return caf::make_error(ec::io_failed,
                           "node.run: cannot write " + path.string());
  return {};
}

} // namespace tidegate
