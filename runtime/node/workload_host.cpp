#include "runtime/node/workload_host.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "runtime/api/workload_api.hpp"
#include "runtime/http/server.hpp"

#include <caf/send.hpp>
#include <fstream>
#include <sstream>

namespace tidegate {

namespace {

/// Requests of one module that are worked on at a time (edge-agent spec 6).
constexpr std::size_t most_requests = 10;

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace

std::string workload_host::socket_path(const std::string& module) const {
  return context_.run_folder / "workload" / (module + ".sock");
}

void workload_host::report(const std::string& module,
                           const std::string& problem,
                           const caf::actor& asker) const {
  caf::anon_send(asker, module_prepared{module, {}, problem});
}

void workload_host::prepare(const deployment::module_spec& spec,
                            caf::actor asker) {
  const auto name = spec.name;
  context_.actors.ask<identity>(
    context_.identities, get_identity{{context_.who.device, name}},
    [self = shared_from_this(), asker](const identity& known) {
      self->open_socket(known, asker);
    },
    [self = shared_from_this(), name, asker](const caf::error&) {
      self->make_identity(name, asker);
    });
}

void workload_host::make_identity(const std::string& module, caf::actor asker) {
  const auto failed
    = [self = shared_from_this(), module, asker](const caf::error& error) {
        self->report(module, error_text(error), asker);
      };
  if (!context_.parent) {
    identity wish;
    wish.id = {context_.who.device, module};
    wish.managed_by = "IotEdge";
    context_.actors.ask<identity>(
      context_.identities, put_identity{wish, false, {}},
      [self = shared_from_this(), asker](const identity& made) {
        self->open_socket(made, asker);
      },
      failed);
    return;
  }
  context_.parent->ensure_module(
    module, [self = shared_from_this(), asker,
             failed](const caf::expected<identity>& made) {
      if (!made)
        return failed(made.error());
      caf::anon_send(self->context_.identities, scope_answer{{*made}, {}, {}});
      self->open_socket(*made, asker);
    });
}

void workload_host::open_socket(const identity& module, caf::actor asker) {
  const auto name = module.id.module;
  workload_context calls;
  calls.module = name;
  calls.sign = [key = base64_decode(module.primary_key)](
                 std::string_view data) -> caf::expected<std::string> {
    if (!key)
      return caf::make_error(ec::unavailable, "the module has no key");
    return hmac_sha256(*key, data);
  };
  calls.trust_bundle
    = [file = context_.trust_bundle] { return read_file(file); };
  calls.is_own_process = [owns = context_.is_process_of, name](pid_t pid) {
    return owns(name, pid);
  };
  http::server_options options;
  options.listen.name = "workload";
  options.listen.unix_path = socket_path(name);
  options.listen.connection_limit = most_requests;
  std::error_code ignored;
  std::filesystem::create_directories(context_.run_folder / "workload",
                                      ignored);
  {
    const std::lock_guard guard{mutex_};
    if (const auto known = sockets_.find(name); known != sockets_.end()) {
      known->second->stop();
      sockets_.erase(known);
    }
    auto opened = http::serve(context_.loop, std::move(options),
                              workload_api(std::move(calls)));
    if (!opened)
      return report(name, error_text(opened.error()), asker);
    sockets_[name] = std::move(*opened);
  }
  module_prepared answer{name, {}, {}};
  answer.surroundings.generation_id = module.generation;
  answer.surroundings.device_id = context_.who.device;
  answer.surroundings.hub_host = context_.who.hub_host;
  answer.surroundings.gateway_host = context_.who.host;
  answer.surroundings.workload_uri = "unix://" + socket_path(name);
  answer.surroundings.mqtt_port = context_.mqtt_port;
  caf::anon_send(asker, std::move(answer));
}

void workload_host::release(const std::string& name) {
  const std::lock_guard guard{mutex_};
  const auto known = sockets_.find(name);
  if (known == sockets_.end())
    return;
  known->second->stop();
  sockets_.erase(known);
}

} // namespace tidegate
