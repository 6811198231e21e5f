#include "messages/deployment/module_document.hpp"

#include "messages/deployment/create_options.hpp"
#include "messages/deployment/module_reader.hpp"

#include <boost/json/serialize.hpp>

namespace tidegate::deployment {

boost::json::object module_document(const module_spec& spec) {
  boost::json::object env;
  for (const auto& [name, value] : spec.env)
    env[name] = {{"value", value}};
  boost::json::object settings{
    {"image", spec.image},
    {"createOptions", boost::json::serialize(spec.create_options)}};
  if (!spec.digest.empty())
    settings["digest"] = spec.digest;
  return {
    {"name", spec.name},
    {"type", to_string(spec.engine)},
    {"version", spec.version},
    {"status", spec.running ? "running" : "stopped"},
    {"restartPolicy", to_string(spec.restart)},
    {"imagePullPolicy", spec.pull ? "on-create" : "never"},
    {"startupOrder", spec.startup_order},
    {"env", std::move(env)},
    {"settings", std::move(settings)},
  };
}

std::optional<module_spec>
read_module_document(const boost::json::object& document,
                     const manifest_rules& rules) {
  field_errors errors;
  const field_reader from{document, "", errors};
  auto name = from.text("name", field_reader::required).value_or("");
  auto spec = read_module(std::move(name), from, module_role::user, rules);
  if (!errors.empty())
    return std::nullopt;
  return spec;
}

} // namespace tidegate::deployment
