#pragma once

#include "actors/modules/engine.hpp"

#include <string>
#include <sys/types.h>

namespace tidegate {

/// An engine that also knows whose a process is.
class module_engine : public engine {
public:
  /// True when `pid` belongs to the running module `name`: to its main
  /// process, or to one that it started, at any depth. Any thread.
  virtual bool is_process_of(const std::string& name, pid_t pid) const = 0;
};

} // namespace tidegate
