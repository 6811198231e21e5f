#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/uplink_line.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

void add_call(CLI::App& uplink, int& code, const char* name, const char* help,
              const char* method, const char* target) {
  auto* command = uplink.add_subcommand(name, help);
  auto with = std::make_shared<common_options>();
  with->add_to(*command);
  command->callback([with, method, target, &code] {
    const auto answer = operator_client{*with}.call(method, target);
    code = answer ? 0 : 1;
    if (answer && with->json)
      print_json(*answer);
    else if (answer)
      std::printf("%s\n", uplink_line(answer->as_object()).c_str());
  });
}

} // namespace

void add_uplink_command(CLI::App& app, int& code) {
  auto* uplink = app.add_subcommand(
    "uplink", "Show, close or open a gateway's connection to its parent");
  uplink->require_subcommand(1);
  add_call(*uplink, code, "status", "Show how the connection is", "GET",
           "/uplink");
  add_call(*uplink, code, "pause",
           "Close the connection and keep it closed; messages wait at the "
           "gateway. The node's next start resumes",
           "POST", "/uplink/pause");
  add_call(*uplink, code, "resume", "Connect again", "POST", "/uplink/resume");
}

} // namespace tidegate
