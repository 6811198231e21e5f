#include "runtime/node/node.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/mqtt_session.hpp"
#include "actors/deployment/deployment_messages.hpp"
#include "actors/log.hpp"
#include "actors/uplink/token_check.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/routing/guid_source.hpp"
#include "runtime/api/http_blobs.hpp"
#include "runtime/api/methods_api.hpp"
#include "runtime/http/server.hpp"
#include "runtime/net/certificates.hpp"
#include "runtime/net/uplink_connector.hpp"
#include "runtime/node/actor_config.hpp"
#include "runtime/node/certificate_watch.hpp"
#include "runtime/node/core.hpp"
#include "runtime/node/deployment_child.hpp"
#include "runtime/node/doors.hpp"
#include "runtime/node/module_agent.hpp"
#include "runtime/node/node_calls.hpp"
#include "runtime/node/own_twin_child.hpp"
#include "runtime/node/parent_door.hpp"
#include "runtime/node/route_source.hpp"
#include "runtime/node/service_manager.hpp"
#include "runtime/node/uplink_child.hpp"

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>
#include <csignal>
#include <fstream>
#include <openssl/rand.h>
#include <prometheus/registry.h>
#include <sstream>

namespace tidegate {

namespace {

/// To the main thread: an operator or the system asks the node to stop.
struct stop_node {
  int signal = 0;
};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::stop_node)

namespace tidegate {

namespace {

constexpr auto start_timeout = std::chrono::seconds{60};
/// Requests of operators at a time (edge-agent spec 6).
constexpr std::size_t operator_connections = 50;

log::level level_of(const std::string& name) {
  if (name == "debug")
    return log::level::debug;
  if (name == "warning")
    return log::level::warning;
  return name == "error" ? log::level::error : log::level::info;
}

upload_rules upload_rules_of(const config& with) {
  upload_rules made;
  made.plain_http = with.node.upload_plain_http;
  for (const auto& text : with.node.upload_networks)
    if (const auto network = ip_network::parse(text))
      made.networks.push_back(*network);
  return made;
}

/// A new one for each start (edge-hub spec 11).
std::string instance_number() {
  std::uint64_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return std::string{routing::guid_source{seed}.next()};
}

/// One run of a node, from start to stop.
class node {
public:
  node(const config& with, node_profile who)
    : with_{with}, who_{std::move(who)}, actors_{with.node.threads},
      system_{actors_}, main_{system_} {}

  ~node() { stop(); }

  /// Everything up, or the reason why not.
  caf::error start() {
    auto storage = open_storage(with_, who_);
    if (!storage)
      return storage.error();
    parts_.with = with_;
    parts_.who = who_;
    parts_.storage = std::move(*storage);
    if (auto failed = choose_certificate())
      return failed;
    parts_.meters = std::make_shared<metrics>(
      std::make_shared<prometheus::Registry>(),
      prometheus::Labels{{"iothub", who_.hub_host},
                         {"edge_device", who_.device},
                         {"instance_number", instance_number()}});
    core_->meters = parts_.meters;
    if (who_.is_authority()) {
      auto policies = policy_book::open(with_.node.data / "policies.json");
      if (!policies)
        return policies.error();
      policies_ = std::move(*policies);
      parts_.policies = policies_->board();
    }
    if (auto failed = find_parent())
      return failed;
    loop_.start();
    root_ = system_.spawn(supervisor, supervisor_options{"root", parts_.meters},
                          core_children(parts_, core_));
    main_->monitor(root_);
    if (auto failed = wait_for_core())
      return failed;
    if (auto failed = make_own_device())
      return failed;
    auto first = first_deployment(parts_);
    if (!first)
      return first.error();
    if (auto failed = set_first_routes(first->board->current().manifest))
      return failed;
    users_ = make_users(with_);
    engine_ = make_engine(with_, users_);
    calls_ = std::make_unique<node_calls>(
      node_calls::context{parts_, core_, root_, policies_, parent_, engine_});
    if (auto failed = open_listeners())
      return failed;
    if (auto failed = start_uplink())
      return failed;
    if (auto failed = start_modules(*first))
      return failed;
    if (auto failed = start_agent(*first))
      return failed;
    return open_management();
  }

  /// Returns the exit code once the node is asked to stop or cannot go on.
  int wait() {
    watch_signals();
    log::info("node", "ready",
              {{"role", who_.is_hub() ? "hub" : "gateway"},
               {"host", who_.host},
               {"version", TIDEGATE_VERSION}});
    tell_service_manager("READY=1");
    const auto code = wait_for_the_end();
    tell_service_manager("STOPPING=1");
    return code;
  }

private:
  int wait_for_the_end() {
    const auto period = watchdog_period().value_or(
      std::chrono::microseconds{std::chrono::hours{1}});
    std::optional<int> code;
    while (!code)
      main_->receive(
        [&](const stop_node& asked) {
          log::info("node", "stopping",
                    {{"signal", std::to_string(asked.signal)}});
          code = 0;
        },
        [&](const caf::down_msg& down) {
          log::error("node",
                     "a part that everything depends on has failed; "
                     "the node ends",
                     {{"reason", error_text(down.reason)}});
          code = 1;
        },
        caf::after(period) >> [&] { show_life(period); });
    return *code;
  }

  /// The service manager hears of this node while its actors answer.
  void show_life(std::chrono::microseconds period) {
    main_->request(root_, period, get_child{"telemetry"})
      .receive([](const child_handle&) { tell_service_manager("WATCHDOG=1"); },
               [](const caf::error& error) {
                 log::error("node", "the root supervisor does not answer",
                            {{"reason", error_text(error)}});
               });
  }

  /// A broker's key that cannot be used would otherwise only show as a
  /// broker that cannot be reached.
  caf::error judge_broker_key() const {
    const auto& file = with_.parent.mqtt.key;
    if (with_.parent.protocol != "mqtt" || file.empty())
      return {};
    std::ifstream in{file};
    std::stringstream pem;
    pem << in.rdbuf();
    const auto fault = in ? key_fault(pem.str()) : "cannot be read";
    return fault.empty() ? caf::error{}
                         : caf::make_error(ec::bad_argument,
                                           "parent.mqtt.key: " + file.string()
                                             + ": " + fault);
  }

  caf::error find_parent() {
    if (auto failed = judge_broker_key())
      return failed;
    if (who_.is_authority())
      return {};
    auto found = open_parent(with_, who_, loop_);
    if (!found)
      return found.error();
    parent_tls_ = found->tls;
    parts_.scope = parent_ = found->client;
    if (with_.node.authentication != "scope")
      check_own_tokens();
    return {};
  }

  /// By their own tokens clients may come whom only the parent knows.
  void check_own_tokens() {
    token_check_context context;
    context.network = make_uplink_connector(loop_, parent_tls_);
    context.parent = parent_endpoint_of(with_, who_);
    context.device = who_.device;
    context.hub_host = who_.hub_host;
    parts_.checker = make_token_checker(system_, std::move(context));
    core_->tokens = parts_.storage.tokens;
  }

  /// What to show on TLS, and whom to trust.
  caf::error choose_certificate() {
    auto chosen = shown_by(with_, hosts_of(who_));
    if (!chosen)
      return chosen.error();
    shown_ = std::move(*chosen);
    auto& tls = parts_.with.tls;
    tls.certificate = shown_.certificate;
    tls.key = shown_.key;
    if (tls.ca_file.empty() && shown_.own)
      tls.ca_file = shown_.own->ca_certificate();
    parts_.trust_bundle = tls.ca_file;
    return {};
  }

  /// The core's last child is up once the supervisor answers for it.
  caf::error wait_for_core() {
    caf::error failed;
    main_->request(root_, start_timeout, get_child{"telemetry"})
      .receive([](const child_handle&) {},
               [&](const caf::error& error) { failed = error; });
    return failed;
  }

  /// An authority knows also the device that its own modules belong to.
  caf::error make_own_device() {
    caf::error failed;
    if (!who_.is_authority())
      return failed;
    identity own;
    own.id.device = who_.device;
    own.edge = true;
    main_->request(core_->identities, start_timeout, put_identity{own})
      .receive([](const identity&) {},
               [&](const caf::error& error) { failed = error; });
    if (failed != ec::store_damaged)
      return failed == ec::exists ? caf::error{} : failed;
    // Only this node's own modules need it; everybody else is let in.
    log::error("identity",
               "the identity of this node cannot be read: its modules are not "
               "let in until it is deleted and created again",
               {{"id", who_.device}, {"reason", error_text(failed)}});
    return {};
  }

  caf::error set_first_routes(
    const std::shared_ptr<const deployment::manifest>& deployed) {
    auto applied = applied_configuration(parts_);
    if (!applied)
      return applied.error();
    const auto wish = initial_routes(
      with_, who_, deployed ? std::optional{*deployed} : std::nullopt,
      *applied);
    if (!wish)
      return wish.error();
    caf::error failed;
    main_->request(core_->router, start_timeout, *wish)
      .receive([](routes_set) {},
               [&](const caf::error& error) { failed = error; });
    return failed ? failed
                  : add(own_twin_child(parts_, core_, std::move(*applied)));
  }

  caf::actor watched(caf::actor session, const transport_ptr& of) {
    caf::anon_send(core_->sessions, watch_child{of->peer().address, session});
    return session;
  }

  door_targets make_targets() {
    door_targets targets;
    targets.meters = parts_.meters;
    *sessions_ = share(make_session_context(parts_, *core_));
    targets.mqtt
      = [this, context = sessions_](const transport_ptr& connection) {
          return watched(system_.spawn(mqtt_session, connection, *context),
                         connection);
        };
    targets.amqp
      = [this, context = sessions_](const transport_ptr& connection) {
          return watched(system_.spawn(amqp_session, *context, connection),
                         connection);
        };
    targets.rest = calls_->rest();
    targets.metrics = calls_->metrics();
    return targets;
  }

  caf::error open_listeners() {
    auto opened = open_doors(parts_.with, loop_, make_targets());
    if (!opened)
      return opened.error();
    doors_ = std::move(*opened);
    if (doors_.tls) {
      certificate_ = std::make_shared<certificate_watch>(
        loop_, shown_, doors_.tls, parts_.meters);
      certificate_->start();
    }
    return {};
  }

  /// Where modules find MQTT over TLS, if it is not where they expect it.
  std::uint16_t module_port() const {
    const auto known = doors_.ports.find("mqtts");
    return known == doors_.ports.end() ? std::uint16_t{0} : known->second;
  }

  caf::error start_modules(const first_deployment_parts& first) {
    workload_host_context context{
      loop_,
      who_,
      with_.node.run,
      parts_.trust_bundle,
      module_port(),
      core_->identities,
      actor_bridge{core_->bridge},
      parent_,
      [runs = engine_](const std::string& module, pid_t pid) {
        return runs->is_process_of(module, pid);
      },
      calls_->modules(),
      parts_.storage.secrets,
      [own = shown_.own](const certificate_request& wish) {
        return own ? own->issue(wish)
                   : caf::make_error(ec::unavailable,
                                     "this gateway has no certificate "
                                     "authority of its own; "
                                     "tls.certificate names what it shows");
      },
      with_.modules.engine == "docker",
      users_};
    host_ = std::make_shared<workload_host>(std::move(context));
    if (auto failed = add(usage_child(with_, parts_.meters, engine_)))
      return failed;
    return add(module_agent(with_, core_, who_, engine_, host_, first.board));
  }

  /// What follows, reports and answers for the modules.
  caf::error start_agent(const first_deployment_parts& first) {
    const auto parent = manifest_rules_of(with_, who_).parent_host;
    const auto blobs = std::make_shared<http_blobs>(loop_, parent, parent_tls_,
                                                    upload_rules_of(with_));
    if (auto failed = add(deployment_child(parts_, core_, first)))
      return failed;
    return add(agent_methods_child(parts_, core_, engine_, blobs));
  }

  /// Local listeners are open by now, whatever becomes of the uplink.
  caf::error start_uplink() {
    if (who_.is_hub())
      return {};
    return add(uplink_child(with_, who_, core_, loop_, parent_tls_));
  }

  /// Adds a child to the root supervisor.
  caf::error add(child_spec spec) {
    caf::error failed;
    main_->request(root_, start_timeout, start_child{std::move(spec)})
      .receive([](const child_handle&) {},
               [&](const caf::error& error) { failed = error; });
    return failed;
  }

  caf::error open_management() {
    if (auto failed = open_socket("management", calls_->management()))
      return failed;
    if (auto failed = open_socket("iotedge", calls_->tools()))
      return failed;
    return write_ports(with_, doors_);
  }

  /// Serves operators of this machine, at a socket that only the node's owner
  /// can open.
  caf::error open_socket(const std::string& name, http::handler calls) {
    http::server_options options;
    options.listen.name = name;
    options.answer_timeout = longest_method_answer;
    options.listen.unix_path = with_.node.run / (name + ".sock");
    options.listen.connection_limit = operator_connections;
    std::error_code problem;
    std::filesystem::create_directories(with_.node.run, problem);
    if (problem)
      return caf::make_error(ec::io_failed,
                             "the folder " + with_.node.run.string()
                               + " cannot be made: " + problem.message());
    auto opened = http::serve(loop_, std::move(options), std::move(calls));
    if (!opened)
      return opened.error();
    doors_.open.push_back(std::move(*opened));
    return {};
  }

  void watch_signals() {
    signals_.async_wait([this](boost::system::error_code failed, int signal) {
      if (failed)
        return;
      if (signal == SIGHUP) {
        reload_manifest();
        return watch_signals();
      }
      caf::anon_send(caf::actor_cast<caf::actor>(main_), stop_node{signal});
    });
  }

  void reload_manifest() {
    actor_bridge{core_->bridge}.ask<child_handle>(
      root_, get_child{"deployment"},
      [](const child_handle& found) {
        caf::anon_send(found.handle, reload_deployment{});
      },
      [](const caf::error& error) {
        log::error("node", "the manifest cannot be read again",
                   {{"reason", error_text(error)}});
      });
  }

  /// Doors first, then actors (the store last, with everything written), then
  /// the sockets that were still sending.
  void stop() {
    doors_.close();
    if (certificate_)
      certificate_->stop();
    if (root_) {
      main_->send_exit(root_, caf::exit_reason::user_shutdown);
      main_->wait_for(root_);
    }
    loop_.stop();
    // Connections that were open, with a request that waits for instance, are
    // let go with the loop, after the actors: they must hold none of them.
    *sessions_ = {};
    if (calls_)
      calls_->close();
    *core_ = {};
    root_ = nullptr;
  }

  const config& with_;
  node_profile who_;
  actor_config actors_;
  io_loop loop_;
  boost::asio::signal_set signals_{loop_.context(), SIGTERM, SIGINT, SIGHUP};
  caf::actor_system system_;
  caf::scoped_actor main_;
  core_parts parts_;
  std::shared_ptr<node_core> core_ = std::make_shared<node_core>();
  std::shared_ptr<policy_book> policies_; ///< null at a gateway
  std::unique_ptr<node_calls> calls_;
  std::shared_ptr<parent_client> parent_;
  std::shared_ptr<tls_client> parent_tls_;
  std::shared_ptr<user_table> users_; ///< whom modules run as
  std::shared_ptr<module_engine> engine_;
  std::shared_ptr<workload_host> host_;
  /// What sessions are given; emptied at the end.
  std::shared_ptr<session_context_ptr> sessions_
    = std::make_shared<session_context_ptr>();
  shown_certificate shown_;
  std::shared_ptr<certificate_watch> certificate_;
  caf::actor root_;
  doors doors_;
};

} // namespace

int run_node(const config& with) {
  log::set_level(level_of(with.node.log_level));
  std::signal(SIGPIPE, SIG_IGN);
  const auto who = make_profile(with);
  if (!who) {
    log::error("node", error_text(who.error()));
    return 2;
  }
  node one{with, *who};
  if (const auto failed = one.start()) {
    log::error("node", "cannot start", {{"reason", error_text(failed)}});
    return failed == ec::bad_argument ? 2 : 1;
  }
  return one.wait();
}

} // namespace tidegate
