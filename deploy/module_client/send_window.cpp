#include "module_client/send_window.hpp"

#include <algorithm>

namespace tidegate::module {

std::vector<send_window::slot*> send_window::pending() {
  std::vector<slot*> all;
  for (auto& one : slots_)
    if (one.used)
      all.push_back(&one);
  std::sort(all.begin(), all.end(), [](const slot* a, const slot* b) {
    return a->sequence < b->sequence;
  });
  return all;
}

} // namespace tidegate::module
