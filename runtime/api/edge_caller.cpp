#include "runtime/api/edge_caller.hpp"

#include "messages/iothub/sas_token.hpp"

namespace tidegate {

namespace {

bool speaks_for(const identity_id& who, const std::string& edge,
                bool only_hub) {
  if (who.device != edge)
    return false;
  if (only_hub)
    return who.module == "$edgeHub";
  return !who.is_module() || who.module == "$edgeHub"
         || who.module == "$edgeAgent";
}

} // namespace

void edge_caller::check(const http::request& asked, const std::string& edge,
                        const http::responder& answer,
                        std::function<void()> then) const {
  check_token(asked, edge, false, answer, std::move(then));
}

void edge_caller::check_token(const http::request& asked,
                              const std::string& edge, bool only_hub,
                              const http::responder& answer,
                              std::function<void()> then) const {
  const std::string token{
    http::find_header(asked.headers, "authorization").value_or("")};
  std::string_view why;
  const auto parsed = parse_sas_token(token, why);
  const auto audience
    = parsed ? parse_sas_audience(parsed->resource) : std::nullopt;
  if (!audience || !speaks_for(audience->id, edge, only_hub))
    return answer.send_error(401, "a token of the edge device `" + edge
                                    + (only_hub ? "/$edgeHub" : "")
                                    + "` is needed");
  const auto refused = [answer](const caf::error&) {
    answer.send_error(401, "the token was not accepted");
  };
  actors_.ask<authenticated>(
    identities_, authenticate{.id = audience->id, .token = token},
    [all = *this, edge, answer, refused, then](const authenticated&) {
      all.actors_.ask<identity>(
        all.identities_, get_identity{{edge, {}}},
        [answer, then](const identity& found) {
          if (found.edge && found.enabled)
            then();
          else
            answer.send_error(401, "this is not an edge device");
        },
        refused);
    },
    refused);
}

void edge_caller::check_on_behalf(const http::request& asked,
                                  const std::string& edge,
                                  const std::string& target,
                                  const http::responder& answer,
                                  std::function<void()> then) const {
  const auto find = [all = *this, edge, target, answer, then] {
    all.actors_.ask<std::vector<identity>>(
      all.identities_,
      list_identities{.most = 1, .behind = edge, .device = target},
      [edge, target, answer, then](const std::vector<identity>& found) {
        if (!found.empty())
          then();
        else
          answer.send_error(401, edge + " may not act for " + target);
      },
      tell_error(answer));
  };
  check_token(asked, edge, true, answer, find);
}

} // namespace tidegate
