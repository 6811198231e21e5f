#include "messages/routing/evaluate.hpp"

#include "messages/routing/evaluator.hpp"

namespace tidegate::routing {

truth evaluate(const condition& what, message_view& message) {
  if (const auto known = what.constant())
    return *known;
  return evaluator{what.code(), message}.boolean(what.code().root);
}

truth evaluate(const condition& what, const message_head& head,
               std::string_view payload, std::string_view edge_device,
               scratch& memory) {
  message_view message{head, payload, edge_device, memory};
  return evaluate(what, message);
}

bool matches(const condition& what, message_view& message) {
  if (const auto known = what.constant())
    return *known == truth::yes;
  return evaluator{what.code(), message}.holds(what.code().root);
}

truth evaluate_constant(const program& code) {
  const message_head nobody;
  scratch memory{0};
  message_view nothing{nobody, {}, memory};
  return evaluator{code, nothing}.boolean(code.root);
}

} // namespace tidegate::routing
