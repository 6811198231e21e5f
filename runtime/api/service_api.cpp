#include "runtime/api/service_api.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"
#include "runtime/api/configuration_calls.hpp"
#include "runtime/api/methods_api.hpp"
#include "runtime/api/registry_calls.hpp"
#include "runtime/api/service_error.hpp"
#include "runtime/api/twins_api.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <memory>

namespace tidegate {

namespace {

using http::path_parameters;
using http::request;
using http::responder;

using service_handler
  = std::function<void(const request&, const identity_id&, const responder&)>;

/// The device or module that the path names.
identity_id id_in(const path_parameters& path) {
  const auto device = path.find("device");
  const auto module = path.find("module");
  return {device == path.end() ? std::string{} : device->second,
          module == path.end() ? std::string{} : module->second};
}

void refuse(const request& asked, access_verdict verdict,
            const responder& answer) {
  log::warning("service", "a call was refused",
               {{"peer", asked.peer.address},
                {"call", asked.method + ' ' + asked.path},
                {"reason", std::string{to_string(verdict)}}});
  answer.send(
    service_error(401, "IotHubUnauthorizedAccess", to_string(verdict)));
}

/// Adds calls that pass a gate.
class gated {
public:
  gated(http::router& to, service_gate gate)
    : to_{to}, gate_{std::make_shared<const service_gate>(std::move(gate))} {}

  /// Whoever calls needs each of `rights`.
  void add(const char* method, const char* pattern, access_rights rights,
           service_handler handle) {
    to_.add(method, pattern,
            [gate = gate_, rights, handle = std::move(handle)](
              const request& asked, const path_parameters& path,
              const responder& answer) {
              const auto verdict = gate->judge(asked, rights);
              if (verdict == access_verdict::granted)
                handle(asked, id_in(path), answer);
              else
                refuse(asked, verdict, answer);
            });
  }

private:
  http::router& to_;
  std::shared_ptr<const service_gate> gate_;
};

/// The devices of a hub, page by page: a page holds modules as well.
struct device_list {
  /// As many as IoT Hub tells at most.
  static constexpr std::size_t most = 1000;

  identities_actor identities;
  actor_bridge actors;

  void send(const request& asked, const responder& answer) const {
    std::size_t wanted = most;
    if (const auto text = asked.query_value("top"))
      std::from_chars(text->data(), text->data() + text->size(), wanted);
    collect({}, std::clamp<std::size_t>(wanted, 1, most), {}, answer);
  }

private:
  void collect(const std::string& after, std::size_t wanted,
               boost::json::array found, const responder& answer) const {
    actors.ask<std::vector<identity>>(
      identities, list_identities{.after = after, .most = most},
      [all = *this, wanted, found = std::move(found),
       answer](const std::vector<identity>& page) {
        auto devices = found;
        for (const auto& one : page)
          if (!one.id.is_module() && devices.size() < wanted)
            devices.emplace_back(identity_document(one));
        if (page.size() < most || devices.size() == wanted)
          return answer.send(json_response(devices));
        all.collect(to_string(page.back().id), wanted, std::move(devices),
                    answer);
      },
      tell_service_error(answer, {}));
  }
};

void put_identity_of(const registry_calls& calls, const request& asked,
                     const identity_id& id, const responder& answer) {
  boost::system::error_code failed;
  const auto body = boost::json::parse(asked.body, failed);
  if (failed || !body.is_object())
    return tell_service_error(answer, id)(
      caf::make_error(ec::bad_argument, "the body is not a JSON object"));
  calls.put(id, body.get_object(), if_match_of(asked), answer);
}

void add_identities(gated& to, const service_api_context& with) {
  using enum access_right;
  const registry_calls calls{with.identities, with.actors, nullptr,
                             tell_service_error};
  const device_list devices{with.identities, with.actors};
  to.add("GET", "/devices", registry_read,
         [devices](const request& asked, const identity_id&,
                   const responder& answer) { devices.send(asked, answer); });
  to.add("GET", "/devices/{device}/modules", registry_read,
         [calls](const request&, const identity_id& id,
                 const responder& answer) { calls.list(id.device, answer); });
  for (const char* pattern :
       {"/devices/{device}", "/devices/{device}/modules/{module}"}) {
    to.add("GET", pattern, registry_read,
           [calls](const request&, const identity_id& id,
                   const responder& answer) { calls.get(id, answer); });
    to.add("PUT", pattern, registry_write,
           [calls](const request& asked, const identity_id& id,
                   const responder& answer) {
             put_identity_of(calls, asked, id, answer);
           });
    to.add("DELETE", pattern, registry_write,
           [calls](const request& asked, const identity_id& id,
                   const responder& answer) {
             calls.remove(id, if_match_of(asked), answer);
           });
  }
}

/// A deployment makes identities and changes twins.
void add_configuration(gated& to, const service_api_context& with) {
  const configuration_context context{with.identities, with.twins, with.actors,
                                      tell_service_error};
  to.add(
    "POST", "/devices/{device}/applyConfigurationContent",
    access_rights{access_right::registry_write, access_right::service_connect},
    [context](const request& asked, const identity_id& id,
              const responder& answer) {
      apply_configuration(context, id.device, asked.body, answer);
    });
}

void add_twins(gated& to, const service_api_context& with) {
  using enum access_right;
  const twin_calls calls{with.twins, with.actors, tell_service_error};
  for (const char* pattern :
       {"/twins/{device}", "/twins/{device}/modules/{module}"}) {
    to.add("GET", pattern, service_connect,
           [calls](const request&, const identity_id& id,
                   const responder& answer) { calls.get(id, answer); });
    for (const char* method : {"PATCH", "PUT"})
      to.add(
        method, pattern, access_right::service_connect,
        [calls](const request& asked, const identity_id& id,
                const responder& answer) { calls.change(asked, id, answer); });
  }
}

void add_methods(gated& to, const service_api_context& with) {
  using enum access_right;
  for (const char* pattern :
       {"/twins/{device}/methods", "/twins/{device}/modules/{module}/methods"})
    to.add("POST", pattern, service_connect,
           [with](const request& asked, const identity_id& id,
                  const responder& answer) {
             call_method(with.methods, with.actors,
                         {asked.body, id, {method_caller::kind::service, {}}},
                         answer, tell_method_error(answer));
           });
}

} // namespace

void add_service_api(http::router& to, service_api_context context,
                     service_gate gate) {
  gated calls{to, std::move(gate)};
  add_identities(calls, context);
  add_configuration(calls, context);
  add_twins(calls, context);
  add_methods(calls, context);
}

} // namespace tidegate
