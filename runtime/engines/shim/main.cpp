#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/shim/child.hpp"
#include "runtime/engines/shim/keeper.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

/// The process between the gateway and one module. Not for people; the
/// gateway calls it as
///     tidegate-shim run FOLDER            to run the module of FOLDER/launch
///     tidegate-shim exec FOLDER COMMAND…  to run a command as that module
/// File descriptor 3, if open, is closed when the module runs or has failed.
int main(int count, char** arguments) {
  const int ready = ::fcntl(3, F_GETFD) >= 0 ? 3 : -1;
  constexpr int wrong_usage = 2, cannot_run = 127;
  if (count < 3)
    return wrong_usage;
  const std::string_view command = arguments[1];
  const std::filesystem::path folder = arguments[2];
  const auto text = tidegate::read_file(folder / "launch");
  const auto launch = text ? tidegate::decode_launch(*text) : std::nullopt;
  if (!launch) {
    std::fprintf(stderr, "%s: no launch record\n", folder.c_str());
    return cannot_run;
  }
  if (command == "run") {
    tidegate::keeper{folder, *launch}.run(ready);
    return 0;
  }
  if (command != "exec" || count < 4)
    return wrong_usage;
  const char* failed
    = tidegate::become(*launch, {arguments + 3, arguments + count});
  std::fprintf(stderr, "%s %s: %s\n", failed, arguments[3],
               std::strerror(errno));
  return cannot_run;
}
