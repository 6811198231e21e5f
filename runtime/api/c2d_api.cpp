#include "runtime/api/c2d_api.hpp"

#include "actors/c2d/feedback_document.hpp"
#include "runtime/api/c2d_document.hpp"

#include <boost/json.hpp>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

constexpr std::size_t largest_list = 1000;

void send_json(const responder& answer, const json::value& value) {
  answer.send({200, json::serialize(value)});
}

void send(const c2d_api_context& with, const request& asked,
          const std::string& device, const responder& answer) {
  std::string why;
  auto wish = parse_c2d_document(asked.body, with.now(), why);
  if (!wish)
    return answer.send_error(400, why);
  wish->target.device = device;
  with.actors.ask<c2d_queued>(
    with.queues, std::move(*wish),
    [answer](const c2d_queued& made) {
      send_json(answer, json::object{{"sequence", made.sequence}});
    },
    tell_error(answer));
}

void list(const c2d_api_context& with, const std::string& device,
          const responder& answer) {
  with.actors.ask<std::vector<c2d_waiting>>(
    with.queues, list_c2d{{device, {}}},
    [answer](const std::vector<c2d_waiting>& all) {
      json::array out;
      for (const auto& one : all)
        out.emplace_back(c2d_document(one.message, one.under_way));
      send_json(answer, out);
    },
    tell_error(answer));
}

void purge(const c2d_api_context& with, const std::string& device,
           const responder& answer) {
  with.actors.ask<c2d_purged>(
    with.queues, purge_c2d{{device, {}}},
    [answer](const c2d_purged& done) {
      send_json(answer, json::object{{"purged", done.count}});
    },
    tell_error(answer));
}

void read_feedback(const c2d_api_context& with, const responder& answer) {
  with.actors.ask<std::vector<c2d_feedback>>(
    with.queues, get_c2d_feedback{largest_list},
    [answer](const std::vector<c2d_feedback>& all) {
      json::array out;
      for (const auto& one : all)
        out.emplace_back(feedback_document(one));
      send_json(answer, out);
    },
    tell_error(answer));
}

/// The body is a list of sequence numbers.
void forget_feedback(const c2d_api_context& with, const request& asked,
                     const responder& answer) {
  boost::system::error_code failed;
  const auto document = json::parse(asked.body, failed);
  if (failed || !document.is_array())
    return answer.send_error(400, "the body is not a JSON array");
  forget_c2d_feedback wish;
  for (const auto& one : document.get_array()) {
    const auto number = one.to_number<std::uint64_t>(failed);
    if (failed)
      return answer.send_error(400, "the body needs sequence numbers");
    wish.sequences.push_back(number);
  }
  caf::anon_send(with.queues, std::move(wish));
  answer.send({204, {}});
}

using c2d_handler
  = std::function<void(const c2d_api_context&, const request&,
                       const path_parameters&, const responder&)>;

} // namespace

void add_c2d_api(http::router& to, c2d_api_context context) {
  const auto with = std::make_shared<const c2d_api_context>(std::move(context));
  const auto add
    = [&](const char* method, const char* pattern, c2d_handler handle) {
        to.add(method, pattern,
               [with, handle = std::move(handle)](const request& asked,
                                                  const path_parameters& path,
                                                  responder answer) {
                 if (with->queues)
                   handle(*with, asked, path, answer);
                 else
                   answer.send_error(409, "this node is a gateway; messages "
                                          "are sent at its hub");
               });
      };
  using self = const c2d_api_context&;
  using ask = const request&;
  using in = const path_parameters&;
  using out = const responder&;
  add("POST", "/c2d/{device}", [](self c, ask r, in path, out answer) {
    send(c, r, path.at("device"), answer);
  });
  add("GET", "/c2d/{device}", [](self c, ask, in path, out answer) {
    list(c, path.at("device"), answer);
  });
  add("DELETE", "/c2d/{device}", [](self c, ask, in path, out answer) {
    purge(c, path.at("device"), answer);
  });
  add("GET", "/feedback",
      [](self c, ask, in, out answer) { read_feedback(c, answer); });
  add("POST", "/feedback/forget",
      [](self c, ask r, in, out answer) { forget_feedback(c, r, answer); });
}

} // namespace tidegate
