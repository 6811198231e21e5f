// Calls of the agent's methods, and the lines of logs they select.

#include "messages/deployment/agent_call.hpp"
#include "messages/deployment/module_log.hpp"
#include "messages/deployment/moment.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace tidegate::deployment;

namespace {

void look_for(const log_request& wanted, std::string_view text) {
  for (const auto& item : wanted.items) {
    filter_for("filter", {item});
    const line_filter filter{item.filter};
    const auto left = filter.select({{1, false, std::string{text}}});
    if (left.size() > 1)
      std::abort();
    log_text(left, wanted.content, {"hub", "edge", "filter"});
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view all{reinterpret_cast<const char*>(data), size};
  const auto line = all.substr(0, all.find('\n'));
  const auto payload = all.size() > line.size() ? all.substr(line.size() + 1)
                                                : std::string_view{};
  if (parse_log_line(line).text.empty() && !line.empty())
    std::abort();
  parse_moment(line, 1'767'323'045'678);
  for (const char* name : {"GetModuleLogs", "UploadModuleLogs",
                           "UploadSupportBundle", "RestartModule"}) {
    const auto read = read_agent_call(name, payload, 1'767'323'045'678);
    if (const auto* call = std::get_if<agent_call>(&read))
      if (const auto* logs = std::get_if<logs_call>(call))
        look_for(logs->wanted, line);
  }
  return 0;
}
