#include "actors/modules/found_module.hpp"

namespace tidegate {

found_need need_of(const found_module& module) {
  if (module.running)
    return module.wanted_running ? found_need::nothing : found_need::stop;
  if (!module.wanted_running)
    return found_need::nothing;
  if (!module.ended || module.ended->kind == exit_kind::stopped)
    return found_need::start;
  return found_need::judge;
}

} // namespace tidegate
