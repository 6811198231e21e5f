#include "messages/deployment/create_body.hpp"
#include "messages/deployment/environment.hpp"
#include "messages/deployment/manifest.hpp"

using namespace tidegate::deployment;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const auto engine : {engine_kind::process, engine_kind::docker}) {
    manifest_rules rules;
    rules.engine = engine;
    const auto result = parse_manifest(text, rules);
    container_rules lowered;
    lowered.elevated = false;
    lowered.network = "edge";
    for (const auto& spec : result.value.modules) {
      const auto body
        = create_body(spec, module_environment(spec, {}), lowered);
      if (body.at("HostConfig").as_object().contains("CapAdd"))
        __builtin_trap();
    }
    if (!result.ok() && to_string(result.errors.front()).empty())
      __builtin_trap();
  }
  return 0;
}
