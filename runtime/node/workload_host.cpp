#include "runtime/node/workload_host.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "runtime/api/workload_api.hpp"
#include "runtime/engines/docker/docker_options.hpp"
#include "runtime/engines/module_user.hpp"
#include "runtime/http/server.hpp"

#include <caf/send.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unistd.h>

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

std::filesystem::path workload_folder(const std::filesystem::path& run_folder) {
  return run_folder / "workload";
}

std::filesystem::path
workload_host::socket_path(const std::string& module) const {
  const auto folder = workload_folder(context_.run_folder);
  return context_.containers ? folder / module / "workload.sock"
                             : folder / (module + ".sock");
}

void workload_host::report(const preparation& of, const std::string& problem) {
  caf::anon_send(of.asker, module_prepared{of.module, {}, problem});
}

void workload_host::prepare(const deployment::module_spec& spec,
                            caf::actor asker) {
  const preparation of{spec.name, spec.process.user, std::move(asker)};
  context_.actors.ask<identity>(
    context_.identities, get_identity{{context_.who.device, of.module}},
    [self = shared_from_this(), of](const identity& known) {
      self->open_socket(of, known);
    },
    [self = shared_from_this(), of](const caf::error&) {
      self->make_identity(of);
    });
}

void workload_host::make_identity(const preparation& of) {
  const auto failed
    = [of](const caf::error& error) { report(of, error_text(error)); };
  if (!context_.parent) {
    identity wish;
    wish.id = {context_.who.device, of.module};
    wish.managed_by = "IotEdge";
    context_.actors.ask<identity>(
      context_.identities, put_identity{wish, false, {}},
      [self = shared_from_this(), of](const identity& made) {
        self->open_socket(of, made);
      },
      failed);
    return;
  }
  context_.parent->ensure_module(
    of.module, [self = shared_from_this(), of,
                failed](const caf::expected<identity>& made) {
      if (!made)
        return failed(made.error());
      caf::anon_send(self->context_.identities, scope_answer{{*made}, {}, {}});
      self->open_socket(of, *made);
    });
}

void workload_host::open_socket(const preparation& of, const identity& known) {
  const auto& name = of.module;
  workload_context calls;
  calls.own = {context_.who.device, name};
  calls.hub_host = context_.who.hub_host;
  calls.sign = [key = base64_decode(known.primary_key)](
                 std::string_view data) -> caf::expected<std::string> {
    if (!key)
      return caf::make_error(ec::unavailable, "the module has no key");
    return hmac_sha256(*key, data);
  };
  calls.trust_bundle
    = [file = context_.trust_bundle] { return read_file(file); };
  calls.secrets = context_.secrets;
  calls.issue = context_.issue;
  // A connection that is open at the end must hold no actors.
  calls.list = [weak = weak_from_this()](const http::responder& answer) {
    if (const auto self = weak.lock())
      self->context_.modules.list(answer);
  };
  calls.is_own_process = [owns = context_.is_process_of, name](pid_t pid) {
    return owns(name, pid);
  };
  http::server_options options;
  options.listen.name = "workload";
  const auto path = socket_path(name);
  options.listen.unix_path = path.string();
  options.listen.connection_limit = most_requests;
  if (context_.containers)
    options.listen.unix_mode = 0666;
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed)
    return report(of, "the folder " + path.parent_path().string()
                        + " of the workload socket cannot be made: "
                        + failed.message());
  {
    const std::lock_guard guard{mutex_};
    if (const auto old = sockets_.find(name); old != sockets_.end()) {
      old->second->stop();
      sockets_.erase(old);
    }
    auto opened = http::serve(context_.loop, std::move(options),
                              workload_api(std::move(calls)));
    if (!opened)
      return report(of, error_text(opened.error()));
    sockets_[name] = std::move(*opened);
    // Only its module may open it.
    const auto user = find_module_user(of.user, name, context_.users.get());
    if (!user.problem.empty())
      return report(of, user.problem);
    if (user.user && ::chown(path.c_str(), *user.user, *user.group) != 0)
      return report(of, "the workload socket " + path.string()
                          + " cannot be given to its user: "
                          + std::strerror(errno));
  }
  module_prepared answer{name, {}, {}};
  answer.surroundings.generation_id = known.generation;
  answer.surroundings.device_id = context_.who.device;
  answer.surroundings.hub_host = context_.who.hub_host;
  answer.surroundings.gateway_host = context_.who.host;
  answer.surroundings.workload_uri
    = context_.containers ? workload_uri_inside : "unix://" + path.string();
  answer.surroundings.mqtt_port = context_.mqtt_port;
  caf::anon_send(of.asker, std::move(answer));
}

void workload_host::release(const std::string& name) {
  const std::lock_guard guard{mutex_};
  const auto known = sockets_.find(name);
  if (known == sockets_.end())
    return;
  known->second->stop();
  sockets_.erase(known);
  std::error_code ignored;
  if (context_.containers)
    std::filesystem::remove(socket_path(name).parent_path(), ignored);
}

} // namespace tidegate
