#include "runtime/engines/durable_file.hpp"
#include "runtime/engines/shim/keeper.hpp"
#include "runtime/engines/shim/probe.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

/// The process between the gateway and one module. Not for people; the
/// gateway calls it as
///     tidegate-shim run FOLDER            to run the module of FOLDER/launch
///     tidegate-shim exec FOLDER MILLISECONDS COMMAND…  to run a command as
///                                         that module, for so long at most
/// File descriptor 3, if open, is closed when the module runs or has failed.
int main(int count, char** arguments) {
  const int ready = ::fcntl(3, F_GETFD) >= 0 ? 3 : -1;
  constexpr int wrong_usage = 2, cannot_run = tidegate::probe_cannot_run;
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
  if (command != "exec" || count < 5)
    return wrong_usage;
  const std::chrono::milliseconds timeout{std::atoll(arguments[3])};
  return tidegate::run_probe(*launch, {arguments + 4, arguments + count},
                             timeout);
}
