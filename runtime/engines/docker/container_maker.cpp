#include "runtime/engines/docker/container_maker.hpp"

#include "messages/deployment/create_body.hpp"
#include "messages/iothub/percent.hpp"
#include "runtime/engines/docker/container_facts.hpp"
#include "runtime/engines/docker/json_access.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::docker {

namespace {

using boost::asio::awaitable;

constexpr auto shared_network = "host";

bool is_name(const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  return !host.empty() && no_address;
}

/// The first IPv4 gateway of a network; that is this machine.
std::string gateway_in(const boost::json::value& network) {
  const auto* found = look_up(network, "/IPAM/Config");
  if (const auto* all = found ? found->if_array() : nullptr)
    for (const auto& one : *all)
      if (const auto gateway = text_at(one, "/Gateway");
          gateway.find('.') != std::string::npos)
        return gateway.substr(0, gateway.find('/'));
  return {};
}

deployment::container_rules rules_for(const module_launch& launch,
                                      const docker_engine_options& options,
                                      const std::string& gateway_address) {
  deployment::container_rules rules;
  rules.binds.push_back((options.workload / launch.spec.name).string() + ':'
                        + socket_folder_inside + ":ro");
  rules.network = options.network;
  rules.elevated = options.elevated;
  rules.labels[hash_label] = launch.hash;
  // Inside a network of its own a module would not find this machine by name.
  const auto known = launch.env.find("IOTEDGE_GATEWAYHOSTNAME");
  if (known != launch.env.end() && is_name(known->second)
      && !gateway_address.empty())
    rules.hosts.push_back(known->second + ':' + gateway_address);
  return rules;
}

} // namespace

awaitable<container_maker::network> container_maker::make_network() {
  network state;
  const auto& name = options_.network;
  if (name.empty() || name == shared_network)
    co_return state;
  engine_call look;
  look.target = "/networks/" + percent_encode(name);
  auto answer = co_await api_.insist(look);
  if (answer.status == 404) {
    engine_call make;
    make.method = "POST";
    make.target = "/networks/create";
    make.body = boost::json::serialize(
      boost::json::object{{"Name", name}, {"CheckDuplicate", true}});
    const auto created = co_await api_.insist(std::move(make));
    if (created.status != 201 && created.status != 409) {
      state.problem = "the network " + name + ": " + message_of(created);
      co_return state;
    }
    answer = co_await api_.insist(look);
  }
  if (answer.status == 200)
    state.gateway = gateway_in(document_of(answer));
  else
    state.problem = "the network " + name + ": " + message_of(answer);
  co_return state;
}

awaitable<made_container> container_maker::make(module_launch launch) {
  made_container made;
  const auto image = co_await images_.take(launch);
  made.problem = image.problem;
  made.image_id = image.facts.id;
  if (!made.problem.empty())
    co_return made;
  const auto shared = co_await make_network();
  made.problem = shared.problem;
  if (!made.problem.empty())
    co_return made;
  engine_call what;
  what.method = "POST";
  what.target = "/containers/create?name=" + launch.spec.name;
  what.body = boost::json::serialize(deployment::create_body(
    launch.spec, launch.env, rules_for(launch, options_, shared.gateway)));
  const auto answer = co_await api_.insist(std::move(what));
  made.exists = answer.status == 409;
  if (answer.status != 201)
    made.problem = message_of(answer);
  co_return made;
}

} // namespace tidegate::docker
