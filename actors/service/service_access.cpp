#include "actors/service/service_access.hpp"

namespace tidegate {

bool service_access::is_for_service(std::string_view token) {
  std::string_view why;
  const auto parsed = parse_sas_token(token, why);
  return parsed && !parsed->policy.empty()
         && !parse_sas_audience(parsed->resource);
}

access_verdict service_access::put(std::string_view text) {
  std::string_view why;
  const auto token = parse_sas_token(text, why);
  if (!token)
    return access_verdict::no_policy;
  const auto path = access_path(token->resource);
  const auto verdict
    = judge_access(*token, {access_right::service_connect, path},
                   *policies_->current(), hosts_, now_());
  if (verdict != access_verdict::granted)
    return verdict;
  if (tokens_.size() >= most_tokens && !tokens_.contains(token->resource))
    tokens_.erase(tokens_.begin()); // its links are refused from now on
  tokens_.insert_or_assign(token->resource, *token);
  return verdict;
}

access_verdict service_access::judge(std::string_view path) const {
  auto verdict = access_verdict::no_policy;
  for (const auto& [resource, token] : tokens_) {
    verdict = judge_access(token, {access_right::service_connect, path},
                           *policies_->current(), hosts_, now_());
    if (verdict == access_verdict::granted)
      break;
  }
  return verdict;
}

} // namespace tidegate
