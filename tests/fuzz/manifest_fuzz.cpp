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
    for (const auto& spec : result.value.modules)
      (void)module_environment(spec, {});
    if (!result.ok() && to_string(result.errors.front()).empty())
      __builtin_trap();
  }
  return 0;
}
