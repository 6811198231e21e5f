#pragma once

#include "actors/uplink/broker.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace tidegate {

/// Where a broker is, and how this node shows itself to it.
struct broker_access {
  std::string host;
  std::uint16_t port = 8883;
  bool tls = true;
  std::filesystem::path ca_file; ///< the system's when empty
  std::filesystem::path certificate, key;
  std::string client_id;
  std::string user, password;
  /// Holds the password in its first line; read for every connection.
  std::filesystem::path password_file;
  std::chrono::seconds keep_alive{60};
  bool clean_session = false;
  std::chrono::seconds connect_timeout{30};
};

/// Opens sessions with a broker by Paho MQTT C, which has two threads of its
/// own for as long as a connector lives. MQTT 3.1.1. Nothing is kept between
/// two connections: what lasts is the store, and the session at the broker.
std::shared_ptr<broker_connector> make_paho_connector(broker_access to);

} // namespace tidegate
