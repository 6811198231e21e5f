#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Where a listener binds: `127.0.0.1:8883`, `[::]:8883`, or `*:8883` for
/// every address. Port 0 lets the system choose.
struct listen_address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const listen_address&) const = default;
};

/// A node's configuration, defaults filled in. The keys, their meaning and
/// units are described in `config_keys`; the names here follow them.
struct config {
  struct {
    std::filesystem::path data = "/var/lib/tidegate";
    std::filesystem::path run = "/run/tidegate";
    std::string host;
    std::string hub_host;
    std::string device;
    std::string log_level = "info";
    std::int64_t threads = 1;
    std::string configuration = "twin";
    std::string authentication = "scope";
    std::string api_proxy = "IoTEdgeAPIProxy";
    std::vector<std::string> agent_callers;
    bool upload_plain_http = false;
    std::vector<std::string> upload_networks;
  } node;

  struct {
    std::string protocol = "amqp";
    std::string connection;
    std::filesystem::path connection_file;
    std::string address;
    std::int64_t amqp_port = 5671;
    std::int64_t https_port = 443;
    std::filesystem::path ca_file;
    std::chrono::milliseconds retry_unit{1000};
    std::chrono::milliseconds retry_longest{60'000};
    std::chrono::milliseconds progress_timeout{20'000};

    /// A broker as the parent; with protocol "mqtt" only.
    struct {
      std::string address;
      std::int64_t port = 8883;
      bool tls = true;
      std::filesystem::path certificate, key;
      std::string user, password;
      std::filesystem::path password_file;
      std::string client_id;
      std::chrono::milliseconds keep_alive{60'000};
      bool clean_session = false;
      std::int64_t window = 500;
      std::int64_t message_size = 268'435'455;
      std::string telemetry
        = "sites/{edge}/{device}/{module}/telemetry/{output}";
      std::string commands = "sites/{edge}/{device}/commands";
      std::string properties = "topic";
    } mqtt;
  } parent;

  struct {
    std::optional<listen_address> mqtts, amqps, https, mqtt, amqp, ws;
  } listeners;

  struct {
    std::filesystem::path certificate, key, ca_file;
    std::filesystem::path issuer_certificate, issuer_key;
    bool client_certificates = true;
  } tls;

  struct {
    std::string durability = "power";
    std::int64_t quota = std::int64_t{10} << 30;
    std::string on_full = "reject";
    std::chrono::seconds time_to_live{-1};
  } store;

  struct {
    std::int64_t retention_size = 0;
    std::chrono::milliseconds retention_age{-1};
  } events;

  struct {
    std::int64_t clients = 100;
    std::int64_t message_size = 262'144;
    std::int64_t unacknowledged_bytes = 262'144;
    std::int64_t outbound_window = 1000;
    std::int64_t subscriptions = 50;
    std::chrono::milliseconds connect_arrival{60'000};
  } limits;

  struct {
    std::chrono::milliseconds report_period{5000};
    std::chrono::milliseconds sync_period{120'000};
    std::int64_t clients_size = 24'576;
  } twins;

  struct {
    std::optional<listen_address> listen;
  } metrics;

  struct {
    std::string engine = "process";
    std::filesystem::path manifest;
    std::string source = "auto";
    std::filesystem::path programs;
    std::chrono::milliseconds backoff_unit{10'000};
    std::chrono::milliseconds backoff_longest{300'000};
    std::int64_t most_restarts = 0;
    std::string rollback = "process";
    std::chrono::milliseconds rollback_grace{60'000};
    std::chrono::milliseconds stop_grace{10'000};
    std::int64_t log_size = std::int64_t{10} << 20;
    std::int64_t log_files = 3;
    std::int64_t users = 1000;
    std::int64_t first_user = 59'000;
    std::filesystem::path shared;
    std::filesystem::path control_group = "/sys/fs/cgroup/tidegate";
    std::filesystem::path artifact_ca;
    std::chrono::seconds artifact_age = std::chrono::days{7};
    std::chrono::milliseconds usage_period{300'000};

    /// With engine "docker" only.
    struct {
      std::filesystem::path socket = "/var/run/docker.sock";
      std::string network = "azure-iot-edge";
      bool elevated = true;
      bool image_cleanup = true;
      std::chrono::days image_cleanup_period{1};
      std::chrono::minutes image_cleanup_time{0}; ///< since midnight
      std::chrono::seconds image_age = std::chrono::days{7};
    } docker;
  } modules;

  /// Route name to route, as a manifest's `$edgeHub` writes them; used when no
  /// manifest brings routes.
  boost::json::object routes;

  /// The file this came from, for messages.
  std::filesystem::path file;

  /// What is above this node is a broker, which knows no identities.
  bool has_broker() const { return parent.protocol == "mqtt"; }

  /// Deployments come from the file `modules.manifest`, not from the twin.
  bool deploys_itself() const {
    return modules.source == "local"
           || (modules.source == "auto" && !modules.manifest.empty());
  }

  /// Nothing is above this node.
  bool is_hub() const {
    return !has_broker() && parent.connection.empty()
           && parent.connection_file.empty();
  }
};

/// One key, for the documentation and for `tidegate check --keys`.
struct config_key {
  std::string name;    ///< `store.quota`
  std::string initial; ///< the default, as it would be written
  std::string meaning; ///< one sentence, with the unit
};

/// All keys, in the order of the documentation.
std::vector<config_key> config_keys();

/// What is wrong with a configuration, and where.
struct config_error {
  std::string file;
  std::size_t line = 0;
  std::string key;
  std::string problem;
};

/// `FILE:LINE: KEY: problem`, leaving out what is not known.
std::string to_string(const config_error& error);

/// Reads TOML `text`, naming `file` in errors. Relative paths are taken from
/// the file's folder. Either a configuration or the list of everything that
/// is wrong with it.
struct config_result {
  config value;
  std::vector<config_error> errors;
};
config_result parse_config(const std::string& text,
                           const std::filesystem::path& file);

/// `parse_config` of a file; a file that cannot be read is an error too.
config_result load_config(const std::filesystem::path& file);

} // namespace tidegate
