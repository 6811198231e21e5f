#include "runtime/api/service_gate.hpp"

namespace tidegate {

namespace {

std::optional<sas_token> token_in(const http::request& asked) {
  std::string_view why;
  return parse_sas_token(
    http::find_header(asked.headers, "authorization").value_or(""), why);
}

} // namespace

access_verdict service_gate::judge(const http::request& asked,
                                   access_rights rights) const {
  const auto token = token_in(asked);
  const auto path = http::percent_decode(asked.path);
  if (!token || !path)
    return access_verdict::no_policy;
  const access_wish wish{rights, *path};
  return judge_access(*token, wish, *policies_->current(), hosts_, now_());
}

bool is_service_call(const http::request& asked,
                     const std::vector<access_policy>& policies) {
  const auto token = token_in(asked);
  return token && !token->policy.empty()
         && (find_policy(policies, token->policy)
             || !parse_sas_audience(token->resource));
}

} // namespace tidegate
