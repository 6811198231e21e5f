#include "runtime/node/deployment_check.hpp"

#include "messages/error_text.hpp"
#include "messages/iothub/configuration_content.hpp"
#include "messages/twin/rules.hpp"
#include "runtime/node/route_source.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

std::optional<json::object> object_of(std::string_view text) {
  boost::system::error_code failed;
  auto document = json::parse(text, failed);
  if (failed || !document.is_object())
    return std::nullopt;
  return std::move(document.get_object());
}

/// The engine that the manifest itself names.
deployment::manifest_rules rules_in(const json::object& full) {
  deployment::manifest_rules rules;
  rules.limits = {true, true};
  rules.parent_host = "parent";
  boost::system::error_code none;
  const json::value document(full);
  const auto* type = document.find_pointer(
    "/modulesContent/$edgeAgent/properties.desired/runtime/type", none);
  if (type && *type == "docker")
    rules.engine = deployment::engine_kind::docker;
  return rules;
}

/// What a hub would say of the twins.
void check_twins(std::string_view full, std::vector<std::string>& problems) {
  std::string why;
  const auto content = parse_configuration_content(full, why);
  if (!content) {
    problems.push_back(why);
    return;
  }
  for (const auto& [module, desired, whole] : content->twins)
    for (const auto& error :
         {twin::check_patch(desired), twin::check_section("desired", desired)})
      if (error)
        problems.push_back(module + ": " + error_text(error));
}

void check_routes(const deployment::manifest& of,
                  std::vector<std::string>& problems) {
  if (of.hub_desired.empty())
    return;
  node_profile somewhere;
  somewhere.device = "device";
  const auto routes = initial_routes({}, somewhere, of, {});
  if (!routes)
    problems.push_back("$edgeHub: " + error_text(routes.error()));
}

} // namespace

std::string full_manifest(std::string_view text) {
  const auto document = object_of(text);
  if (!document || document->contains("modulesContent"))
    return std::string{text};
  return json::serialize(json::object{
    {"modulesContent",
     json::object{
       {"$edgeAgent", json::object{{"properties.desired", *document}}}}}});
}

checked_deployment
check_deployment(std::string_view text,
                 const std::optional<deployment::manifest_rules>& rules) {
  checked_deployment found;
  const auto full = full_manifest(text);
  const auto document = object_of(full);
  const auto read = deployment::parse_manifest(
    text, rules      ? *rules
          : document ? rules_in(*document)
                     : deployment::manifest_rules{});
  for (const auto& error : read.errors)
    found.problems.push_back(to_string(error));
  found.code = read.code();
  found.modules = read.value.modules.size();
  if (!document)
    return found;
  check_routes(read.value, found.problems);
  check_twins(full, found.problems);
  if (!found.problems.empty() && found.code == 200)
    found.code = 400;
  return found;
}

} // namespace tidegate
