#pragma once

#include <string>

namespace tidegate::harness {

/// A server process that a measurement may read and, in part, command.
class bench_server {
public:
  virtual ~bench_server() = default;
  /// 0 when it is not known.
  virtual int pid() const = 0;
  /// Ends the process the way after which its start is worth timing.
  virtual void end() = 0;
  /// Starts it again; an error text, or empty. It need not listen yet.
  virtual std::string start() = 0;
};

} // namespace tidegate::harness
