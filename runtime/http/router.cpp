#include "runtime/http/router.hpp"

#include <algorithm>
#include <optional>

namespace tidegate::http {

namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1); // the slash
    const auto end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  if (!segments.empty() && segments.back().empty())
    segments.pop_back();
  return segments;
}

bool is_name(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::optional<path_parameters> match(const std::vector<std::string>& pattern,
                                     const std::vector<std::string>& path) {
  if (pattern.size() != path.size())
    return std::nullopt;
  path_parameters found;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_name(pattern[i]) && !path[i].empty())
      found.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    else if (pattern[i] != path[i])
      return std::nullopt;
  }
  return found;
}

} // namespace

void router::add(std::string method, std::string_view pattern,
                 route_handler handle) {
  routes_.push_back({std::move(method), split(pattern), std::move(handle)});
}

void router::operator()(const request& asked, responder answer) const {
  auto path = split(asked.path);
  for (auto& segment : path) {
    auto decoded = percent_decode(segment);
    if (!decoded)
      return answer.send_error(400, "broken percent-encoding in the path");
    segment = std::move(*decoded);
  }
  auto known = false;
  for (const auto& candidate : routes_) {
    const auto found = match(candidate.segments, path);
    known = known || found;
    if (found && candidate.method == asked.method)
      return candidate.handle(asked, *found, std::move(answer));
  }
  if (known)
    answer.send_error(wrong_method_, "method not allowed");
  else
    answer.send_error(404, "not found");
}

} // namespace tidegate::http
