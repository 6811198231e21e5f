#include "runtime/api/policies_api.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/policy_document.hpp"

#include <boost/json.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

struct policies_api {
  std::shared_ptr<policy_book> book;
  std::string host;
  actor_bridge actors;

  json::object shown(const access_policy& policy) const {
    auto out = policy_document(policy);
    out["connectionString"] = service_connection_string(host, policy);
    if (policy.rights.has(access_right::service_connect))
      out["eventsConnectionString"] = events_connection_string(host, policy);
    return out;
  }

  void send(const caf::expected<access_policy>& made,
            const responder& answer) const {
    if (made)
      answer.send({200, json::serialize(shown(*made))});
    else
      tell_error(answer)(made.error());
  }

  void list(const responder& answer) const {
    json::array all;
    for (const auto& one : *book->board()->current())
      all.emplace_back(shown(one));
    answer.send({200, json::serialize(all)});
  }

  void create(const request& asked, const responder& answer) const {
    boost::system::error_code failed;
    const auto document = json::parse(asked.body, failed);
    if (failed || !document.is_object())
      return answer.send_error(400, "the body is not a JSON object");
    std::string why;
    auto policy = parse_policy_document(document.get_object(), why);
    if (!policy)
      return answer.send_error(400, why);
    actors.run([*this, policy = std::move(*policy), answer] {
      send(book->create(policy), answer);
    });
  }

  void renew(const request& asked, const std::string& name,
             const responder& answer) const {
    const auto key = asked.query_value("key").value_or("primary");
    if (key != "primary" && key != "secondary")
      return answer.send_error(400, "key: must be primary or secondary");
    const auto which
      = key == "primary" ? policy_key::primary : policy_key::secondary;
    actors.run(
      [*this, name, which, answer] { send(book->renew(name, which), answer); });
  }

  void remove(const std::string& name, const responder& answer) const {
    actors.run([*this, name, answer] {
      if (const auto failed = book->remove(name))
        tell_error(answer)(failed);
      else
        answer.send({204, {}});
    });
  }
};

} // namespace

void add_policies_api(http::router& to, std::shared_ptr<policy_book> book,
                      const std::string& host, actor_bridge actors) {
  const auto shared = std::make_shared<const policies_api>(
    policies_api{std::move(book), host, std::move(actors)});
  const auto add = [&](const char* method, const char* pattern, auto handle) {
    to.add(method, pattern,
           [shared, handle](const request& asked, const path_parameters& path,
                            responder answer) {
             if (shared->book)
               handle(*shared, asked, path, answer);
             else
               answer.send_error(409, "this node is a gateway; policies are "
                                      "those of its hub");
           });
  };
  using self = const policies_api&;
  using ask = const request&;
  using in = const path_parameters&;
  using out = const responder&;
  add("GET", "/policies", [](self p, ask, in, out answer) { p.list(answer); });
  add("POST", "/policies",
      [](self p, ask r, in, out answer) { p.create(r, answer); });
  add("GET", "/policies/{name}", [](self p, ask, in path, out answer) {
    p.send(p.book->get(path.at("name")), answer);
  });
  add("DELETE", "/policies/{name}", [](self p, ask, in path, out answer) {
    p.remove(path.at("name"), answer);
  });
  add("POST", "/policies/{name}/renew", [](self p, ask r, in path, out answer) {
    p.renew(r, path.at("name"), answer);
  });
}

} // namespace tidegate
