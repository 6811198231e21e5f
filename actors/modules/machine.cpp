#include "actors/modules/machine.hpp"

namespace tidegate {

double percent_of(std::chrono::milliseconds part,
                  std::chrono::milliseconds all) {
  if (all.count() <= 0)
    return 0;
  return 100.0 * static_cast<double>(part.count())
         / static_cast<double>(all.count());
}

} // namespace tidegate
