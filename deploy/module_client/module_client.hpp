#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

/// A client for modules: connects a program that Tidegate (or any runtime
/// that offers the same workload API) started to its gateway, over MQTT and
/// TLS, with nothing but the `IOTEDGE_*` environment it was started with.
namespace tidegate::module {

struct message {
  std::string body;
  std::map<std::string, std::string> properties;
  std::string content_type = "application/json";
  std::string content_encoding = "utf-8";
};

/// Called for each message of an input, on a thread of its own. Sending
/// from it is fine. The MQTT library acknowledges a message to the gateway
/// when it arrives: what a program has not handled when it is killed is gone.
using input_handler = std::function<void(const message&)>;

/// The connection. Keeps itself up: after a loss it connects again, with a
/// fresh token, and sends again what was not acknowledged; a message may then
/// arrive twice, never not at all while the program lives. All functions are
/// safe from any thread.
class client {
public:
  /// Messages sent and not yet acknowledged; past it `send_event` waits.
  static constexpr std::size_t window = 500;

  /// Reads the environment: `IOTEDGE_WORKLOADURI`, `IOTEDGE_DEVICEID`,
  /// `IOTEDGE_MODULEID`, `IOTEDGE_MODULEGENERATIONID`,
  /// `IOTEDGE_IOTHUBHOSTNAME`, `IOTEDGE_GATEWAYHOSTNAME`, and
  /// `TIDEGATE_MQTT_PORT` for a gateway whose port is not 8883. Throws
  /// `std::runtime_error` naming the variable that is missing.
  static std::unique_ptr<client> from_environment();

  virtual ~client() = default;

  /// Sets the handler of an input. Before `open`.
  virtual void on_input(const std::string& input, input_handler handle) = 0;

  /// Connects in the background and keeps trying.
  virtual void open() = 0;

  /// Queues a message for `output`; waits while the window is full. Returns
  /// false once `close` was called.
  virtual bool send_event(const std::string& output, const message& what) = 0;

  /// Waits until everything sent is acknowledged; false when it is not by
  /// then.
  virtual bool flush(std::chrono::milliseconds within) = 0;

  /// Ends the connection; what is not acknowledged by then is given up.
  virtual void close() = 0;
};

} // namespace tidegate::module
