#include "runtime/api/workload_api.hpp"

#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "runtime/api/daemon_call.hpp"
#include "runtime/api/workload_certificates.hpp"
#include "runtime/http/router.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

/// Where a secret of a module belongs: whose it is, its generation, and the
/// vector it was made with. A name and a generation have no control characters.
std::string place_of(const workload_context& with, const path_parameters& path,
                     const std::string& vector) {
  return "module secret\n" + to_string(with.own) + '\n' + path.at("generation")
         + '\n' + vector;
}

void sign(const workload_context& with, const request& asked,
          const path_parameters&, const responder& answer) {
  const auto body = body_object(asked, answer);
  const auto data = body ? body_bytes(*body, "data", answer) : std::nullopt;
  if (!data)
    return;
  const auto digest = with.sign(*data);
  if (!digest)
    return answer.send_error(500, error_text(digest.error()));
  answer.send(
    {200, json::serialize(json::object{{"digest", base64_encode(*digest)}})});
}

/// `encrypt`, or `decrypt` with `open`.
void convert(const workload_context& with, const request& asked,
             const path_parameters& path, const responder& answer, bool open) {
  const auto* from = open ? "ciphertext" : "plaintext";
  const auto body = body_object(asked, answer);
  const auto text = body ? body_bytes(*body, from, answer) : std::nullopt;
  const auto vector
    = text ? body_bytes(*body, "initializationVector", answer) : std::nullopt;
  if (!vector)
    return;
  const auto place = place_of(with, path, *vector);
  const auto made = open ? with.secrets->unseal(*text, place)
                         : with.secrets->close(*text, place);
  if (!made)
    return answer.send_error(500, error_text(made.error()));
  answer.send(
    {200, json::serialize(json::object{
            {open ? "plaintext" : "ciphertext", base64_encode(*made)}})});
}

void encrypt(const workload_context& with, const request& asked,
             const path_parameters& path, const responder& answer) {
  convert(with, asked, path, answer, false);
}

void decrypt(const workload_context& with, const request& asked,
             const path_parameters& path, const responder& answer) {
  convert(with, asked, path, answer, true);
}

void trust_bundle(const workload_context& with, const responder& answer) {
  const auto bundle = with.trust_bundle();
  if (bundle.empty())
    return answer.send_error(404, "this node has no trust bundle");
  answer.send({200, json::serialize(json::object{{"certificate", bundle}})});
}

bool is_own(const workload_context& with, const request& asked,
            const path_parameters& path) {
  return path.at("module") == with.own.module && asked.process
         && with.is_own_process(asked.process->pid);
}

} // namespace

http::handler workload_api(workload_context context) {
  const auto with
    = std::make_shared<const workload_context>(std::move(context));
  auto calls = std::make_shared<http::router>(400);
  using call = void (*)(const workload_context&, const request&,
                        const path_parameters&, const responder&);
  const auto add_own = [&](std::string_view pattern, call handle) {
    calls->add("POST", pattern,
               [with, handle](const request& asked, const path_parameters& path,
                              const responder& answer) {
                 is_own(*with, asked, path)
                   ? handle(*with, asked, path, answer)
                   : answer.send_error(403, "forbidden");
               });
  };
  add_own("/modules/{module}/genid/{generation}/sign", sign);
  add_own("/modules/{module}/genid/{generation}/encrypt", encrypt);
  add_own("/modules/{module}/genid/{generation}/decrypt", decrypt);
  add_own("/modules/{module}/genid/{generation}/certificate/server",
          server_certificate);
  add_own("/modules/{module}/certificate/identity", identity_certificate);
  calls->add("GET", "/modules",
             [with](const request&, const path_parameters&,
                    const responder& answer) { with->list(answer); });
  calls->add("GET", "/trust-bundle",
             [with](const request&, const path_parameters&,
                    const responder& answer) { trust_bundle(*with, answer); });
  // Manifests are not signed here; the call says so (edge-agent spec 6.2).
  calls->add(
    "GET", "/manifest-trust-bundle",
    [](const request& asked, const path_parameters&, const responder& answer) {
      if (has_api_version(asked, answer, "2020-07-07"))
        answer.send({200, R"({"certificate":""})"});
    });
  return [calls](const request& asked, responder answer) {
    if (has_api_version(asked, answer))
      (*calls)(asked, std::move(answer));
  };
}

} // namespace tidegate
