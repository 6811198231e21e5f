#include "actors/modules/engine.hpp"

namespace tidegate {

module_launch make_launch(deployment::module_spec spec,
                          std::map<std::string, std::string> env) {
  std::string all = spec.hash;
  for (const auto& [name, value] : env)
    all.append(1, '\0').append(name).append("=").append(value);
  auto hash = deployment::sha256_hex(all);
  return {std::move(spec), std::move(env), std::move(hash), {}, {}};
}

} // namespace tidegate
