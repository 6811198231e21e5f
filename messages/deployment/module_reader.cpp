#include "messages/deployment/module_reader.hpp"

#include "messages/deployment/artifact.hpp"
#include "messages/deployment/create_body.hpp"
#include "messages/deployment/create_options.hpp"
#include "messages/deployment/environment.hpp"
#include "messages/deployment/image.hpp"
#include "messages/deployment/rollback_label.hpp"

namespace tidegate::deployment {

namespace {

void read_type(const field_reader& from, const manifest_rules& rules) {
  const auto type = from.text_any_case("type", field_reader::required);
  if (type && *type != to_string(rules.engine))
    from.fail("type", "must be " + std::string{to_string(rules.engine)}
                        + ", the engine of this gateway");
}

void read_status(const field_reader& from, module_role role,
                 module_spec& into) {
  if (role == module_role::agent)
    return;
  const auto status = from.text("status", field_reader::required);
  if (!status)
    return;
  into.running = *status == "running";
  if (!into.running && *status != "stopped")
    from.fail("status", "must be running or stopped");
}

void read_restart_policy(const field_reader& from, module_role role,
                         module_spec& into) {
  into.restart = role == module_role::user ? restart_when::on_unhealthy
                                           : restart_when::always;
  const auto policy = from.text("restartPolicy");
  if (!policy || role == module_role::agent)
    return;
  if (const auto when = parse_restart_when(*policy))
    into.restart = *when;
  else
    from.fail("restartPolicy",
              "must be never, on-failure, on-unhealthy or always");
}

void read_pull_policy(const field_reader& from, module_spec& into) {
  const auto policy = from.text("imagePullPolicy");
  if (!policy)
    return;
  into.pull = *policy == "on-create";
  if (!into.pull && *policy != "never")
    from.fail("imagePullPolicy", "must be on-create or never");
}

void read_startup_order(const field_reader& from, module_role role,
                        module_spec& into) {
  if (role == module_role::agent) {
    into.startup_order = 0;
    return;
  }
  if (const auto order = from.number("startupOrder", 0, last_in_order))
    into.startup_order = static_cast<std::uint32_t>(*order);
}

void read_env(const field_reader& from, module_spec& into) {
  const auto* object = from.object("env");
  if (!object)
    return;
  const auto env = from.below("env", *object);
  for (const auto& [key, value] : *object) {
    const std::string name{key.data(), key.size()};
    if (name.empty() || name.find('=') != std::string::npos
        || name.find('\0') != std::string::npos)
      env.fail(name, "is not the name of a variable");
    else if (is_injected(name))
      env.fail(name, "is set by the gateway");
    else if (const auto* entry = value.if_object()) {
      const auto reader = env.below(name, *entry);
      const auto* text = reader.find("value");
      into.env[name] = text && !text->is_null()
                         ? reader.text("value").value_or("")
                         : std::string{};
    } else
      env.fail(name, "must be an object with a value");
  }
}

void read_image(const field_reader& settings, module_role role,
                const manifest_rules& rules, module_spec& into) {
  const auto process = rules.engine == engine_kind::process;
  // The gateway is its own agent and hub: there is no program to name.
  const auto built_in = process && role != module_role::user;
  const auto text = settings.text_any_case(
    "image", built_in ? field_reader::optional : field_reader::required);
  if (!text || built_in)
    return;
  auto image = process ? program_image(*text)
                       : container_image(*text, rules.parent_host);
  if (!image.problem.empty())
    settings.fail("image", std::move(image.problem));
  into.image = std::move(image.text);
}

void check_digest(const field_reader& settings, const module_spec& spec) {
  if (!spec.digest.empty() && !digest_hex(spec.digest))
    settings.fail("digest", "must be sha256: and 64 digits, in lower case");
  if (spec.digest.empty() && spec.image.starts_with("http://"))
    settings.fail("image", "must be https, or have a digest");
}

void read_settings(const field_reader& from, module_role role,
                   const manifest_rules& rules, module_spec& into) {
  const auto process = rules.engine == engine_kind::process;
  const auto built_in = process && role != module_role::user;
  const auto* object = from.object(
    "settings", built_in ? field_reader::optional : field_reader::required);
  if (!object)
    return;
  const auto settings = from.below("settings", *object);
  read_image(settings, role, rules, into);
  into.digest = settings.text_any_case("digest").value_or("");
  if (process && !built_in)
    check_digest(settings, into);
  into.create_options = read_create_options(settings);
  const auto options = settings.below("createOptions", into.create_options);
  into.rollback = read_rollback(options);
  if (!process)
    check_container_options(options);
  else if (!built_in)
    into.process = read_process_options(options, rules.limits);
}

} // namespace

module_spec read_module(std::string name, const field_reader& from,
                        module_role role, const manifest_rules& rules) {
  module_spec spec;
  spec.name = std::move(name);
  spec.engine = rules.engine;
  read_type(from, rules);
  read_status(from, role, spec);
  read_restart_policy(from, role, spec);
  read_pull_policy(from, spec);
  read_startup_order(from, role, spec);
  spec.version = from.text("version").value_or("");
  read_env(from, spec);
  read_settings(from, role, rules, spec);
  spec.hash = spec_hash(spec);
  return spec;
}

} // namespace tidegate::deployment
