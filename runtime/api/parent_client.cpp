#include "runtime/api/parent_client.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "runtime/api/scope_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <unordered_set>

namespace tidegate {

namespace {

namespace json = boost::json;

constexpr auto token_life = std::chrono::minutes{10};
/// The parent answers within a minute, news or not.
constexpr auto news_timeout = std::chrono::seconds{80};
constexpr auto scope_version = "?api-version=2018-08-30-preview";
constexpr auto nested_version = "?api-version=2020-06-30-preview";
constexpr auto registry_version = "?api-version=2021-04-12";
constexpr std::size_t page_size = 100;
/// A scope larger than this is refused rather than read for ever.
constexpr std::size_t largest_scope = 100'000;

caf::error unexpected(const http::response& answer) {
  return caf::make_error(ec::refused, "the parent answered with "
                                        + std::to_string(answer.status) + ": "
                                        + answer.body.substr(0, 200));
}

caf::expected<json::object> parse_answer(const http::response& answer) {
  if (answer.status != 200 && answer.status != 201)
    return unexpected(answer);
  boost::system::error_code failed;
  auto document = json::parse(answer.body, failed);
  if (failed || !document.is_object())
    return caf::make_error(ec::refused,
                           "the parent's answer is not a JSON object");
  return std::move(document.get_object());
}

caf::expected<json::object>
parse_answer(const caf::expected<http::response>& got) {
  if (!got)
    return got.error();
  return parse_answer(*got);
}

scope_answer read_scope(const identity_id& asked,
                        const caf::expected<http::response>& got) {
  scope_answer answer;
  answer.asked = asked;
  const auto document = parse_answer(got);
  if (!document) {
    answer.error = document.error();
    return answer;
  }
  answer.found = scope_identities(*document);
  for (const auto& one : answer.found)
    if (one.id == asked)
      return answer;
  answer.missing.push_back(asked);
  return answer;
}

scope_news read_news(const caf::expected<http::response>& got) {
  scope_news news;
  if (!got)
    news.error = got.error();
  else if (got->status >= 500)
    news.error = unexpected(*got);
  else if (const auto document = parse_answer(*got))
    news = tidegate::read_news(*document);
  else
    news.error = caf::make_error(ec::not_found, "the parent tells no changes");
  return news;
}

/// Reads a whole scope: the pages of this device's own, then those of the edge
/// devices found in it, whose children the parent does not list with it.
class scope_reading : public std::enable_shared_from_this<scope_reading> {
public:
  using caller
    = std::function<void(const json::object& body, parent_client::answered)>;

  scope_reading(const std::string& edge, caller call, caf::actor who)
    : call_{std::move(call)}, who_{std::move(who)} {
    add_edge(edge, edge);
  }

  void go_on() {
    if (edges_.empty())
      return caf::anon_send(who_, std::move(all_));
    call_({{"pageSize", page_size},
           {"continuationLink", next_},
           {"authChain", edges_.front().chain}},
          [self = shared_from_this()](const auto& got) { self->take(got); });
  }

private:
  struct edge_device {
    std::string id;
    std::string chain; ///< from it up to the device that asks
  };

  void add_edge(const std::string& id, std::string chain) {
    if (seen_.insert({id, {}}).second)
      edges_.push_back({id, std::move(chain)});
  }

  void take(const caf::expected<http::response>& got) {
    const auto document = parse_answer(got);
    if (!document)
      return fail(document.error());
    for (auto& one : scope_identities(*document))
      take(std::move(one));
    if (all_.found.size() > largest_scope)
      return fail(caf::make_error(ec::refused, "the scope is too large"));
    const auto* next = document->if_contains("continuationLink");
    const std::string link{
      next && next->is_string() ? std::string_view{next->get_string()} : ""};
    if (link.empty() || link == next_)
      edges_.pop_front();
    next_ = link == next_ ? std::string{} : link;
    go_on();
  }

  void take(identity one) {
    const auto& from = edges_.front();
    const auto child = one.edge && one.id.device != from.id;
    if (child)
      add_edge(one.id.device, one.id.device + ';' + from.chain);
    if (found_.insert(one.id).second)
      all_.found.push_back(std::move(one));
  }

  void fail(caf::error why) {
    caf::anon_send(who_, whole_scope{{}, std::move(why)});
  }

  caller call_;
  caf::actor who_;
  std::deque<edge_device> edges_; ///< the first is being read
  std::string next_;              ///< its next page
  std::unordered_set<identity_id> seen_;
  std::unordered_set<identity_id> found_;
  whole_scope all_;
};

} // namespace

std::string parent_client::edge_path() const {
  return "/devices/" + percent_encode(access_.edge.device) + "/modules/";
}

void parent_client::call_as_hub(parent_call what, answered done) {
  call({access_.edge.device, "$edgeHub"}, std::move(what), std::move(done));
}

void parent_client::call(const identity_id& as, parent_call what,
                         answered done) {
  const auto expires
    = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
      + token_life;
  auto token = mint_sas_token(access_.hub_host, as, access_.key, expires);
  if (!token) {
    done(caf::make_error(ec::bad_argument,
                         "the key of the connection string is not base64"));
    return;
  }
  http::call made;
  made.method = std::move(what.method);
  made.target = std::move(what.target);
  made.body = std::move(what.body);
  made.headers.emplace_back("Authorization", std::move(*token));
  if (!what.if_match.empty())
    made.headers.emplace_back("If-Match", std::move(what.if_match));
  made.timeout = what.timeout;
  http::fetch(loop_.context(), access_.server, std::move(made),
              std::move(done));
}

void parent_client::fetch(const identity_id& id, caf::actor who) {
  auto target = edge_path() + "%24edgeHub/deviceAndModuleInDeviceScope"
                + scope_version
                + "&targetDeviceId=" + percent_encode(id.device);
  if (id.is_module())
    target += "&targetModuleId=" + percent_encode(id.module);
  call_as_hub({.target = std::move(target)}, [id, who](const auto& got) {
    caf::anon_send(who, read_scope(id, got));
  });
}

void parent_client::fetch_all(caf::actor who) {
  const auto ask = [this](const json::object& body, answered done) {
    call_on_behalf("devicesAndModulesInTargetDeviceScope",
                   {.method = "POST", .body = json::serialize(body)},
                   std::move(done));
  };
  std::make_shared<scope_reading>(access_.edge.device, ask, std::move(who))
    ->go_on();
}

void parent_client::await_news(const std::string& revision, caf::actor who) {
  call_as_hub({.target = edge_path() + "%24edgeHub/scopeChanges"
                         + nested_version
                         + "&after=" + percent_encode(revision),
               .timeout = news_timeout},
              [who](const auto& got) { caf::anon_send(who, read_news(got)); });
}

void parent_client::call_on_behalf(const std::string& name, parent_call what,
                                   answered done) {
  what.target = edge_path() + "%24edgeHub/" + name + nested_version;
  call_as_hub(std::move(what), std::move(done));
}

void parent_client::ensure_module(
  const std::string& module,
  std::function<void(caf::expected<identity>)> done) {
  const auto target = edge_path() + percent_encode(module) + registry_version;
  const auto read = [done](const caf::expected<http::response>& from) {
    const auto document = parse_answer(from);
    if (!document)
      return done(document.error());
    std::string why;
    auto made = parse_identity_document(*document, why);
    if (!made)
      return done(caf::make_error(ec::refused, "the parent's answer: " + why));
    done(std::move(*made));
  };
  const json::object wish{{"deviceId", access_.edge.device},
                          {"moduleId", module},
                          {"managedBy", "IotEdge"}};
  call(access_.edge, {.target = target},
       [this, target, read, body = json::serialize(wish)](
         const caf::expected<http::response>& got) {
         if (got && got->status == 404)
           call(access_.edge, {.method = "PUT", .target = target, .body = body},
                read);
         else
           read(got);
       });
}

} // namespace tidegate
