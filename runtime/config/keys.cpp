#include "messages/broker/broker_language.hpp"
#include "messages/on_full.hpp"
#include "runtime/config/settings.hpp"

namespace tidegate {

namespace {

/// The keys, section by section.
class key_list : public settings {
public:
  explicit key_list(config& into) : settings{into.file.parent_path()} {
    node(into);
    parent(into);
    broker(into);
    listeners(into);
    store(into);
    events(into);
    limits(into);
    twins(into);
    modules(into);
  }

private:
  void node(config& c) {
    path("node.data", c.node.data,
         "Folder of everything that must last: store, keys, module state.");
    path("node.run", c.node.run,
         "Folder of the sockets of modules and operators.");
    text("node.host", c.node.host,
         "Name that clients connect to; the machine's when empty.");
    text("node.hub_host", c.node.hub_host,
         "Name of the hub in connection strings and tokens; a hub's own is "
         "node.host when empty, a gateway's comes from its connection string.");
    text("node.device", c.node.device,
         "Device that a hub's own modules belong to; node.host when empty. A "
         "gateway's comes from its connection string.");
    text("node.log_level", c.node.log_level,
         "Least serious lines that are logged.",
         {"debug", "info", "warning", "error"});
    number("node.threads", c.node.threads, "Worker threads for actors.", 1,
           256);
    text("node.configuration", c.node.configuration,
         "Where routes and time to live come from: `twin`, the desired "
         "properties of the node's own `$edgeHub` module as soon as they say "
         "something, or `local`, the manifest and this file only.",
         {"twin", "local"});
    text("node.authentication", c.node.authentication,
         "Who checks the tokens of a gateway's clients: `scope`, this node by "
         "what it knows of its scope; `cloud-and-scope`, the same, and the "
         "parent those of clients that are not in it; `cloud`, the parent all "
         "of them. What the parent took once is taken here until it expires.",
         {"scope", "cloud-and-scope", "cloud"});
    text("node.api_proxy", c.node.api_proxy,
         "Module of a gateway that may end the TLS of clients before "
         "WebSockets, and pass their certificates on in the header "
         "`x-ms-edge-clientcert`; nobody when empty.");
    names("node.agent_callers", c.node.agent_callers,
          "Modules of this edge device that may call direct methods of "
          "`$edgeAgent` and `$edgeHub`, which read every module's log, restart "
          "modules and send files away; the parent and operators always may.");
    flag("node.upload_plain_http", c.node.upload_plain_http,
         "Logs and support bundles may also be uploaded without encryption, "
         "to addresses that begin with `http:`.");
    networks("node.upload_networks", c.node.upload_networks,
             "Networks that logs and support bundles may be uploaded to "
             "besides public addresses, such as `10.1.0.0/16`; the parent "
             "itself is always one of them.");
  }

  void parent(config& c) {
    text("parent.protocol", c.parent.protocol,
         "What the parent speaks: `amqp` as a hub or a gateway does, or "
         "`mqtt` as any broker does, see parent.mqtt.",
         {"amqp", "mqtt"});
    text("parent.connection", c.parent.connection,
         "Connection string of this gateway at its parent. Without one the "
         "node is a hub.");
    path("parent.connection_file", c.parent.connection_file,
         "File that holds the connection string instead.");
    text("parent.address", c.parent.address,
         "Name or address to connect to, when it is not the host of the "
         "connection string.");
    number("parent.amqp_port", c.parent.amqp_port,
           "Port of the parent for AMQP over TLS.", 1, 65535);
    number("parent.https_port", c.parent.https_port,
           "Port of the parent for HTTPS.", 1, 65535);
    path("parent.ca_file", c.parent.ca_file,
         "Certificates the parent is judged by, PEM; the system's when "
         "empty.");
    duration("parent.retry_unit", c.parent.retry_unit, "1s",
             "First pause before a lost uplink is tried again; doubles.");
    duration("parent.retry_longest", c.parent.retry_longest, "60s",
             "Longest pause between two tries.");
    duration("parent.progress_timeout", c.parent.progress_timeout, "20s",
             "An uplink that acknowledges nothing for so long, while "
             "something waits, is built anew.");
  }

  void broker(config& c) {
    auto& b = c.parent.mqtt;
    text("parent.mqtt.address", b.address, "Name or address of the broker.");
    number("parent.mqtt.port", b.port, "Port of the broker.", 1, 65535);
    flag("parent.mqtt.tls", b.tls,
         "Encrypt, and judge the broker by parent.ca_file.");
    path("parent.mqtt.certificate", b.certificate,
         "Certificate that this node shows to the broker, and its chain, PEM; "
         "none when empty.");
    path("parent.mqtt.key", b.key, "Private key of that certificate, PEM.");
    text("parent.mqtt.user", b.user, "User name at the broker.");
    text("parent.mqtt.password", b.password, "Password of the user.");
    path("parent.mqtt.password_file", b.password_file,
         "File whose first line is the password instead; read for every "
         "attempt to connect.");
    text("parent.mqtt.client_id", b.client_id,
         "Client id at the broker; the node's device when empty.");
    duration("parent.mqtt.keep_alive", b.keep_alive, "60s",
             "Silence after which the broker is asked whether it is there; "
             "whole seconds.");
    flag("parent.mqtt.clean_session", b.clean_session,
         "Have the broker forget the session, and commands that wait in "
         "it, whenever the connection ends.");
    number("parent.mqtt.window", b.window,
           "Messages on their way to the broker and not yet acknowledged; "
           "fewer when they are large.",
           1, 60'000);
    number("parent.mqtt.message_size", b.message_size,
           "Bytes of topic and payload that the broker takes; a larger "
           "message that is routed there is refused.",
           1024, 268'435'455);
    topic("parent.mqtt.telemetry", b.telemetry,
          "Topic of what goes up. {edge} is this node's device, {device}, "
          "{module} and {output} are the sender's; a level whose place has "
          "no value is left out.",
          telemetry_places, [](const topic_template& one) {
            return one.stands_with({"edge", "device"})
                     ? ""
                     : "needs {edge}, {device} or a fixed level, because a "
                       "message may lack the others";
          });
    topic("parent.mqtt.commands", b.commands,
          "Topic of commands for devices, which reach them as cloud-to-device "
          "messages; off when empty.",
          command_places, [](const topic_template& one) {
            return one.has("device") || one.empty()
                     ? ""
                     : "needs {device}, or nobody is meant";
          });
    text("parent.mqtt.properties", b.properties,
         "Where properties go: `topic`, a property bag as the topic's last "
         "level, or `envelope`, a JSON document around the body.",
         {"topic", "envelope"});
  }

  void listeners(config& c) {
    address("listeners.mqtts", c.listeners.mqtts, "MQTT over TLS.");
    address("listeners.amqps", c.listeners.amqps, "AMQP over TLS.");
    address("listeners.https", c.listeners.https,
            "HTTPS; MQTT and AMQP over secure WebSocket.");
    address("listeners.mqtt", c.listeners.mqtt,
            "MQTT without encryption; for loopback and tests.");
    address("listeners.amqp", c.listeners.amqp,
            "AMQP without encryption; for loopback and tests.");
    address("listeners.ws", c.listeners.ws,
            "MQTT and AMQP over WebSocket without encryption; for loopback "
            "and tests.");
    path("tls.certificate", c.tls.certificate,
         "Server certificate and its chain, PEM. When empty, the node issues "
         "one and renews it in time.");
    path("tls.key", c.tls.key, "Private key of the certificate, PEM.");
    path("tls.issuer_certificate", c.tls.issuer_certificate,
         "Authority that the node issues its certificate with, PEM; one is "
         "made below node.data when empty.");
    path("tls.issuer_key", c.tls.issuer_key,
         "Private key of that authority, PEM.");
    path("tls.ca_file", c.tls.ca_file,
         "Trust bundle, PEM: handed to modules, and what clients' certificates "
         "must descend from. When empty, that of the node's own authority.");
    flag("tls.client_certificates", c.tls.client_certificates,
         "Ask clients for a certificate and let them in by it.");
    address("metrics.listen", c.metrics.listen,
            "Prometheus metrics, plain HTTP, path /metrics.");
  }

  void store(config& c) {
    text("store.durability", c.store.durability,
         "What an acknowledgement survives: `power` (synced to disk), "
         "`process` (handed to the system), `none` (memory only).",
         {"power", "process", "none"});
    size("store.quota", c.store.quota, "10 GiB",
         "Bound of the store's folder on disk.", "16 MiB");
    text("store.on_full", c.store.on_full,
         "What routes that do not say it themselves give up when the quota is "
         "used up: new messages (`reject`), their oldest (`drop-oldest`), or "
         "those of the lowest priority (`drop-lowest-priority`). "
         "Not for a hub's event log, whose oldest events always make room.",
         {on_full_names.begin(), on_full_names.end()});
    duration("store.time_to_live", c.store.time_to_live, "-1",
             "How long a message is kept for its target; -1 is for ever. A "
             "route's own value wins.",
             true);
  }

  void events(config& c) {
    size_or_none("events.retention_size", c.events.retention_size,
                 "Bytes of a hub's event log that are kept, about; only "
                 "store.quota bounds it when empty or 0.",
                 "1 MiB");
    duration("events.retention_age", c.events.retention_age, "-1",
             "How long an event is kept in a hub's event log; -1 is for ever. "
             "The quota pushes the oldest out before, if need be.",
             true);
  }

  void limits(config& c) {
    number("limits.clients", c.limits.clients,
           "Devices that are connected themselves at the same time; modules, "
           "and those behind a gateway, do not count.",
           1, 1'000'000);
    number("limits.message_size", c.limits.message_size,
           "Bytes of one message, properties included; to be the same at "
           "every level, or less below.",
           1024, 262'144);
    number("limits.unacknowledged_bytes", c.limits.unacknowledged_bytes,
           "Bytes taken from one connection and not yet acknowledged; past "
           "it reading pauses.",
           16'384, 1 << 30);
    number("limits.outbound_window", c.limits.outbound_window,
           "Messages on their way to one client and not yet acknowledged.", 1,
           60'000);
    number("limits.subscriptions", c.limits.subscriptions,
           "Subscriptions of one client.", 1, 10'000);
    duration("limits.connect_arrival", c.limits.connect_arrival, "60s",
             "A connection on which nobody has been let in by then is closed.");
  }

  void twins(config& c) {
    duration("twins.report_period", c.twins.report_period, "5s",
             "A gateway sends what one client reports to its parent at most "
             "this often; what comes meanwhile goes up together.");
    duration("twins.sync_period", c.twins.sync_period, "2m",
             "A gateway that is back at its parent reads twins again that it "
             "has not read for so long.");
    number("twins.clients_size", c.twins.clients_size,
           "Bytes of the list of clients in the twin of the node's own "
           "`$edgeHub`: those that are connected and came last are shown, and "
           "`clientCount` says how many there are. Azure IoT Hub takes 32 KiB "
           "of reported properties, Tidegate 256 KiB.",
           1024, 200'000);
  }

  void modules(config& c) {
    text("modules.engine", c.modules.engine,
         "What modules are: `process`, programs of this machine, or `docker`, "
         "containers of an engine with Docker's API; see modules.docker.",
         {"process", "docker"});
    path("modules.manifest", c.modules.manifest,
         "Deployment manifest with modules and routes, JSON; read again on "
         "SIGHUP.");
    text("modules.source", c.modules.source,
         "Where deployments come from: `twin`, the desired properties of the "
         "node's own `$edgeAgent` module, with the manifest in force until "
         "those say something; `local`, the manifest alone; or `auto`, local "
         "where a manifest is named, else twin.",
         {"auto", "twin", "local"});
    path("modules.programs", c.modules.programs,
         "Folder in which a manifest's program names are looked up.");
    duration("modules.backoff_unit", c.modules.backoff_unit, "10s",
             "First pause before a module is restarted; doubles.");
    duration("modules.backoff_longest", c.modules.backoff_longest, "300s",
             "Longest pause before a module is restarted.");
    number("modules.most_restarts", c.modules.most_restarts,
           "A module that has been restarted so often, without ten minutes of "
           "peace between, stays down; 0: it is never given up.",
           0, 1'000'000);
    text("modules.rollback", c.modules.rollback,
         "Whether a changed module that does not become healthy makes place "
         "for the last good one again: `on`, `off`, or `process`, with that "
         "engine only. The label `tidegate.rollback` of a module wins.",
         {"process", "on", "off"});
    duration("modules.rollback_grace", c.modules.rollback_grace, "60s",
             "How long a changed module has to become healthy.");
    duration("modules.stop_grace", c.modules.stop_grace, "10s",
             "How long a module may take to end before it is killed.");
    size("modules.log_size", c.modules.log_size, "10 MiB",
         "Size at which a module's log file is rotated.", "64 KiB");
    number("modules.log_files", c.modules.log_files,
           "Log files kept of one module.", 1, 100);
    number("modules.users", c.modules.users,
           "A gateway that is root runs each module as a user of its own, one "
           "of so many; 0: as root.",
           0, 60'000);
    number("modules.first_user", c.modules.first_user,
           "Number of the first of these users.", 1, 2'000'000'000);
    path("modules.shared", c.modules.shared,
         "Folders of the machine that modules may have (`Binds`, `Mounts`) "
         "lie below this one; none when empty.");
    path("modules.control_group", c.modules.control_group,
         "Control group, version 2, for the limits of modules; made by a "
         "gateway that is root where the kernel has it.");
    path("modules.artifact_ca", c.modules.artifact_ca,
         "PEM, whom to trust at the servers that artifacts come from; the "
         "system's when empty.");
    duration("modules.artifact_age", c.modules.artifact_age, "168h",
             "How long an artifact is kept that no module uses; 0: for ever.");
    duration("modules.usage_period", c.modules.usage_period, "5m",
             "How often it is metered what the machine and its modules use; "
             "at least 5 s.");
    docker(c);
  }

  void docker(config& c) {
    auto& d = c.modules.docker;
    path("modules.docker.socket", d.socket, "Unix socket of the engine.");
    text("modules.docker.network", d.network,
         "Network of modules that name none, made when it is not there; "
         "`host` for the machine's own.");
    flag("modules.docker.elevated", d.elevated,
         "Modules may be privileged and have added capabilities. Without it "
         "they also lose CHOWN and SETUID.");
    flag("modules.docker.image_cleanup", d.image_cleanup,
         "Remove images that modules have used and use no more.");
    days("modules.docker.image_cleanup_period", d.image_cleanup_period,
         "Days from one look for such images to the next.");
    time_of_day("modules.docker.image_cleanup_time", d.image_cleanup_time,
                "When that is, in this machine's time.");
    duration("modules.docker.image_age", d.image_age, "7d",
             "How long such an image is kept after its last use.");
  }
};

} // namespace

settings settings_of(config& into) { return key_list{into}; }

} // namespace tidegate
