#include "runtime/api/deployment_api.hpp"

#include "actors/deployment/deployment_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "runtime/node/deployment_check.hpp"

#include <boost/json.hpp>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

std::string joined(const std::vector<std::string>& sentences) {
  std::string all;
  for (const auto& one : sentences)
    all += (all.empty() ? "" : "; ") + one;
  return all;
}

struct deployment_calls {
  deployment_api_context with;

  template <class Answer, class Wish>
  void ask(Wish wish, const responder& answer,
           std::function<void(const Answer&)> then) const {
    const auto& actors = with.configuration.actors;
    actors.ask<child_handle>(
      with.root, get_child{"deployment"},
      [actors, wish = std::move(wish), answer,
       then = std::move(then)](const child_handle& found) {
        actors.ask<Answer>(found.handle, wish, then, tell_error(answer));
      },
      tell_error(answer));
  }

  void show(const responder& answer) const {
    ask<deployment_document>(get_deployment{}, answer,
                             [answer](const deployment_document& found) {
                               answer.send({200, json::serialize(found.value)});
                             });
  }

  void apply_here(const std::string& manifest, const responder& answer) const {
    if (!with.local && with.configuration.twins)
      return apply_to(with.who.device, manifest, answer);
    ask<deployment_judged>(apply_deployment{manifest}, answer,
                           [answer](const deployment_judged& judged) {
                             std::vector<std::string> wrong;
                             for (const auto& error : judged.errors)
                               wrong.push_back(to_string(error));
                             if (wrong.empty())
                               answer.send({204, {}});
                             else
                               answer.send_error(400, joined(wrong));
                           });
  }

  void apply_to(const std::string& device, const std::string& manifest,
                const responder& answer) const {
    if (!with.configuration.twins)
      return answer.send_error(409, "this node is a gateway; deployments are "
                                    "made at its hub `"
                                      + with.who.hub_host + "`");
    const auto found = check_deployment(manifest, std::nullopt);
    if (!found.problems.empty())
      return answer.send_error(400, joined(found.problems));
    apply_configuration(with.configuration, device, full_manifest(manifest),
                        answer);
  }
};

} // namespace

void add_deployment_api(http::router& to, deployment_api_context context) {
  const auto calls
    = std::make_shared<const deployment_calls>(std::move(context));
  to.add("GET", "/deployment",
         [calls](const request&, const path_parameters&, responder answer) {
           calls->show(answer);
         });
  to.add("PUT", "/deployment",
         [calls](const request& asked, const path_parameters&,
                 responder answer) { calls->apply_here(asked.body, answer); });
  to.add("PUT", "/deployments/{device}",
         [calls](const request& asked, const path_parameters& path,
                 responder answer) {
           calls->apply_to(path.at("device"), asked.body, answer);
         });
}

} // namespace tidegate
