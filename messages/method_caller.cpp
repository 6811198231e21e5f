#include "messages/method_caller.hpp"

#include "messages/message_head.hpp"

#include <algorithm>

namespace tidegate {

std::string to_string(const method_caller& caller) {
  switch (caller.is) {
  case method_caller::kind::parent:
    return "upstream";
  case method_caller::kind::service:
    return "service";
  case method_caller::kind::operator_:
    return "operator";
  case method_caller::kind::module:
    break;
  }
  return to_string(caller.module);
}

bool may_call(const method_caller& caller, const identity_id& target,
              const std::vector<std::string>& agent_callers) {
  // Compared without case: no spelling is a way around.
  const auto is_runtime = equal_without_case(target.module, "$edgeAgent")
                          || equal_without_case(target.module, "$edgeHub");
  if (!is_runtime || caller.is != method_caller::kind::module)
    return true;
  return std::ranges::find(agent_callers, caller.module.module)
         != agent_callers.end();
}

} // namespace tidegate
