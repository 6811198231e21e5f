#include "runtime/api/methods_api.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/method_call.hpp"

#include <memory>

namespace tidegate {

namespace {

using http::path_parameters;
using http::request;
using http::responder;

/// Beyond both time-outs of a call the methods actor has surely answered:
/// a client that has just come is given some seconds to get ready.
constexpr auto patience = std::chrono::seconds{10};

identity_id target_of(const path_parameters& path) {
  const auto module = path.find("module");
  return {path.at("device"),
          module == path.end() ? std::string{} : module->second};
}

/// A call's ticket, given back when whoever waits for `answer` leaves.
call_ticket_ptr ticket_of(const methods_actor& methods,
                          const responder& answer) {
  auto ticket = std::make_shared<call_ticket>();
  // Connections may outlive all actors.
  const auto to = caf::actor_cast<caf::actor_addr>(methods);
  answer.when_closed([to, ticket] {
    ticket->left = true;
    if (const auto open = caf::actor_cast<caf::actor>(to))
      caf::anon_send(open, abandon_call{ticket});
  });
  return ticket;
}

/// Whoever calls is known by now: what is not allowed is not allowed to it.
std::function<void(const caf::error&)> tell_call_error(responder answer) {
  return [answer](const caf::error& error) {
    answer.send_error(error == ec::unauthorized ? 403 : http_status(error),
                      error_text(error));
  };
}

void invoke(const methods_api_context& with, const identity_id& target,
            const method_caller& from, const request& asked,
            const responder& answer) {
  call_method(with.methods, with.actors, {asked.body, target, from}, answer,
              tell_call_error(answer));
}

void invoke_as_module(const methods_api_context& with, const request& asked,
                      const identity_id& target, const responder& answer) {
  const auto header = http::find_header(asked.headers, "x-ms-edge-moduleId");
  const auto caller = header ? parse_calling_module(*header) : std::nullopt;
  if (!caller)
    return answer.send_error(
      400, "the header x-ms-edge-moduleId must name the caller as "
           "device/module");
  if (caller->device != with.device)
    return answer.send_error(401, "`" + to_string(*caller)
                                    + "` is no module of this edge device");
  const std::string token{
    http::find_header(asked.headers, "authorization").value_or("")};
  with.actors.ask<authenticated>(
    with.authenticator, authenticate{*caller, token, {}},
    [with, asked, target, answer](const authenticated& who) {
      invoke(with, target, {method_caller::kind::module, who.id}, asked,
             answer);
    },
    [answer](const caf::error&) {
      answer.send_error(401, "the token was not accepted");
    });
}

} // namespace

void call_method(const methods_actor& methods, const actor_bridge& actors,
                 const http_method_call& asked, const http::responder& answer,
                 std::function<void(const caf::error&)> failed) {
  std::string why;
  auto call = parse_method_call(asked.body, why);
  if (!call)
    return failed(caf::make_error(ec::bad_argument, why));
  invoke_method wish;
  wish.target = asked.target;
  wish.name = std::move(call->name);
  wish.payload = own(std::move(call->payload));
  wish.connect_timeout = call->connect_timeout;
  wish.response_timeout = call->response_timeout;
  wish.from = asked.from;
  wish.ticket = ticket_of(methods, answer);
  actors.ask<method_outcome>(
    methods, std::move(wish),
    [answer](const method_outcome& came) {
      answer.send({200, method_answer(came.status, came.payload.view)});
    },
    std::move(failed),
    call->connect_timeout + call->response_timeout + patience);
}

void add_methods_api(http::router& to, methods_api_context context) {
  const auto with
    = std::make_shared<const methods_api_context>(std::move(context));
  for (const char* pattern :
       {"/twins/{device}/methods", "/twins/{device}/modules/{module}/methods"})
    to.add("POST", pattern,
           [with](const request& asked, const path_parameters& path,
                  responder answer) {
             invoke_as_module(*with, asked, target_of(path), answer);
           });
}

void add_operator_methods_api(http::router& to, methods_api_context context) {
  const auto with
    = std::make_shared<const methods_api_context>(std::move(context));
  for (const char* pattern :
       {"/methods/{device}", "/methods/{device}/{module}"})
    to.add("POST", pattern,
           [with](const request& asked, const path_parameters& path,
                  responder answer) {
             invoke(*with, target_of(path),
                    {method_caller::kind::operator_, {}}, asked, answer);
           });
}

} // namespace tidegate
