#include "actors/modules/module_memo.hpp"

#include "messages/deployment/module_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using deployment::module_document;

std::optional<deployment::module_spec>
read_spec(const json::object& from, const char* name,
          const deployment::manifest_rules& rules) {
  const auto* found = from.if_contains(name);
  if (!found || !found->is_object())
    return std::nullopt;
  return deployment::read_module_document(found->get_object(), rules);
}

std::string text_of(const json::object& from, const char* name) {
  const auto* found = from.if_contains(name);
  return found && found->is_string() ? std::string{found->get_string()}
                                     : std::string{};
}

} // namespace

std::string encode(const module_memo& memo) {
  json::object document;
  if (memo.spec)
    document["spec"] = module_document(*memo.spec);
  if (memo.good)
    document["good"] = module_document(*memo.good);
  if (const auto& rejected = memo.rejected)
    document["rejected"] = {{"hash", rejected->hash}, {"why", rejected->why}};
  return json::serialize(document);
}

module_memo decode_memo(std::string_view text,
                        const deployment::manifest_rules& rules) {
  json::error_code problem;
  const auto document = json::parse(json::string_view{text}, problem);
  const auto* object = problem ? nullptr : document.if_object();
  if (!object)
    return {};
  module_memo memo;
  memo.spec = read_spec(*object, "spec", rules);
  memo.good = read_spec(*object, "good", rules);
  const auto* rejected = object->if_contains("rejected");
  if (const auto* of = rejected ? rejected->if_object() : nullptr)
    memo.rejected = {text_of(*of, "hash"), text_of(*of, "why")};
  return memo;
}

} // namespace tidegate
