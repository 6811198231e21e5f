#include "benchmarks/harness/nodes/management.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"
#include "runtime/http/client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::harness {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds patience{10};

/// Unsigned in JSON comes back signed when it fits.
std::uint64_t count_at(const json::object& in, std::string_view key) {
  const auto* const value = in.if_contains(key);
  boost::system::error_code bad;
  const auto count = value ? value->to_number<std::uint64_t>(bad) : 0;
  return bad ? 0 : count;
}

std::uint64_t sum_of_lanes(const json::object& status, std::string_view key) {
  const auto* const lanes = status.if_contains("lanes");
  std::uint64_t total = 0;
  if (lanes && lanes->is_array())
    for (const auto& lane : lanes->as_array())
      if (lane.is_object())
        total += count_at(lane.as_object(), key);
  return total;
}

} // namespace

caf::expected<json::object> management::call(const std::string& method,
                                             const std::string& target,
                                             std::string body) const {
  http::call what;
  what.method = method;
  what.target = target;
  what.body = std::move(body);
  what.timeout = patience;
  const auto answer = http::fetch({socket_.string(), "localhost", 0, {}}, what);
  if (!answer)
    return answer.error();
  if (answer->status >= 300)
    return caf::make_error(ec::refused, method + " " + target + ": "
                                          + std::to_string(answer->status) + " "
                                          + answer->body);
  boost::system::error_code bad;
  auto value
    = answer->body.empty() ? json::object{} : json::parse(answer->body, bad);
  if (bad || !value.is_object())
    return caf::make_error(ec::io_failed,
                           method + " " + target + ": no JSON object");
  return std::move(value.as_object());
}

caf::expected<connection_string>
management::create(const identity& wanted) const {
  const auto made
    = call("POST", "/identities", json::serialize(identity_document(wanted)));
  if (!made)
    return made.error();
  const auto* const text = made->if_contains("connectionString");
  std::string why = "there is none in the answer";
  if (text && text->is_string())
    if (auto found = parse_connection_string(text->as_string(), why))
      return *std::move(found);
  return caf::make_error(ec::io_failed, "connection string of "
                                          + to_string(wanted.id) + ": " + why);
}

caf::error management::remove(const identity_id& id) const {
  const auto gone = call("DELETE", "/identities/" + to_string(id), {});
  return gone ? caf::error{} : gone.error();
}

caf::error management::want(const std::string& device, std::uint64_t n) const {
  const auto done
    = call("PATCH", "/twins/" + device,
           json::serialize(json::object{
             {"properties", json::object{{"desired", {{"n", n}}}}}}));
  return done ? caf::error{} : done.error();
}

caf::expected<std::uint64_t>
management::reported(const std::string& device) const {
  const auto twin = call("GET", "/twins/" + device, {});
  if (!twin)
    return twin.error();
  boost::system::error_code bad;
  const json::value document(*twin);
  const auto* const n = document.find_pointer("/properties/reported/n", bad);
  return n ? n->to_number<std::uint64_t>(bad) : 0;
}

caf::expected<std::uint64_t> management::invoke(const std::string& device,
                                                std::uint64_t n) const {
  const auto answer
    = call("POST", "/methods/" + device,
           json::serialize(json::object{{"methodName", "echo"},
                                        {"payload", {{"n", n}}},
                                        {"responseTimeoutInSeconds", 5}}));
  if (!answer)
    return answer.error();
  boost::system::error_code bad;
  const json::value document(*answer);
  const auto* const echo = document.find_pointer("/payload/n", bad);
  return echo ? echo->to_number<std::uint64_t>(bad) : 0;
}

caf::expected<json::object> management::status() const {
  return call("GET", "/status", {});
}

std::uint64_t pending_messages(const json::object& status) {
  return sum_of_lanes(status, "pending");
}

std::uint64_t accepted_messages(const json::object& status) {
  return sum_of_lanes(status, "accepted");
}

std::uint64_t refused_messages(const json::object& status) {
  const auto* const store = status.if_contains("store");
  return store && store->is_object() ? count_at(store->as_object(), "refused")
                                     : 0;
}

bool uplink_connected(const json::object& status) {
  const auto* const uplink = status.if_contains("uplink");
  const auto* const state = uplink && uplink->is_object()
                              ? uplink->as_object().if_contains("state")
                              : nullptr;
  return state && state->is_string() && state->as_string() == "connected";
}

} // namespace tidegate::harness
