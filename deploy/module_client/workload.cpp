#include "module_client/workload.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <openssl/evp.h>
#include <stdexcept>

namespace tidegate::module {

namespace {

namespace http = boost::beast::http;
namespace json = boost::json;
using stream_protocol = boost::asio::local::stream_protocol;

constexpr auto version = "?api-version=2020-07-07";

std::string base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto length
    = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

json::object call(const module_identity& who, http::verb verb,
                  const std::string& target, const std::string& body) {
  boost::asio::io_context context;
  stream_protocol::socket socket{context};
  socket.connect(stream_protocol::endpoint{who.workload_socket});
  http::request<http::string_body> request{verb, target, 11};
  request.set(http::field::host, "workload");
  if (!body.empty())
    request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> answer;
  http::read(socket, buffer, answer);
  if (answer.result() != http::status::ok)
    throw std::runtime_error{"the workload API answered with "
                             + std::to_string(answer.result_int()) + ": "
                             + answer.body()};
  return json::parse(answer.body()).as_object();
}

} // namespace

std::string workload_sign(const module_identity& who, const std::string& data) {
  const json::object wish{
    {"keyId", "primary"}, {"algo", "HMACSHA256"}, {"data", base64(data)}};
  const auto answer
    = call(who, http::verb::post,
           "/modules/" + percent_encode(who.module) + "/genid/"
             + percent_encode(who.generation) + "/sign" + version,
           json::serialize(wish));
  return std::string{answer.at("digest").as_string()};
}

std::string workload_trust_bundle(const module_identity& who) {
  const auto answer
    = call(who, http::verb::get, std::string{"/trust-bundle"} + version, {});
  return std::string{answer.at("certificate").as_string()};
}

} // namespace tidegate::module
