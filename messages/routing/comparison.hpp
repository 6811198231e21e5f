#pragma once

#include "messages/routing/program.hpp"
#include "messages/routing/value.hpp"

// Comparisons (edge-hub spec 4.6, 4.7). Each is undefined when a side is.
namespace tidegate::routing {

truth compare(relation how, truth left, truth right);
truth compare(relation how, double left, double right);
truth compare(relation how, text_value left, text_value right);
/// Different kinds order as bool < number < string < null.
truth compare(relation how, const body_value& left, const body_value& right);

} // namespace tidegate::routing
