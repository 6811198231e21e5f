#include "runtime/api/workload_certificates.hpp"

#include "messages/error_text.hpp"
#include "runtime/api/daemon_call.hpp"
#include "runtime/api/event_document.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

constexpr std::chrono::days life{90};

/// `$edgeHub` is no name that a certificate can be for.
std::string without_dollar(const std::string& module) {
  return module.starts_with('$') ? module.substr(1) : module;
}

void issue(const workload_context& with, const certificate_request& wish,
           const http::responder& answer) {
  const auto made = with.issue(wish);
  if (!made)
    return answer.send_error(500, error_text(made.error()));
  const auto ends = certificate_expiry(made->certificate);
  if (!ends)
    return answer.send_error(500, error_text(ends.error()));
  answer.send({201, json::serialize(json::object{
                      {"privateKey", {{"type", "key"}, {"bytes", made->key}}},
                      {"certificate", made->certificate},
                      {"expiration", format_time(wall_time{*ends})}})});
}

} // namespace

void server_certificate(const workload_context& with,
                        const http::request& asked,
                        const http::path_parameters&,
                        const http::responder& answer) {
  const auto body = body_object(asked, answer);
  const auto name
    = body ? body_text(*body, "commonName", answer) : std::nullopt;
  if (!name || !body_text(*body, "expiration", answer))
    return;
  if (!is_common_name(*name))
    return answer.send_error(400, "commonName: has 1 to 64 bytes");
  certificate_request wish;
  wish.common_name = *name;
  wish.hosts = {*name, without_dollar(with.own.module)};
  wish.valid = life;
  issue(with, wish, answer);
}

void identity_certificate(const workload_context& with, const http::request&,
                          const http::path_parameters&,
                          const http::responder& answer) {
  const auto uri = "azureiot://" + with.hub_host + "/devices/" + with.own.device
                   + "/modules/" + with.own.module;
  certificate_request wish;
  wish.common_name = with.own.module;
  wish.hosts = {"URI: " + uri};
  wish.uris = {uri};
  wish.valid = life;
  wish.use = certificate_use::client;
  issue(with, wish, answer);
}

} // namespace tidegate
