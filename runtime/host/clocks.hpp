#pragma once

#include "storage/elapsed_counter.hpp"

namespace tidegate {

/// The clocks of this machine.
machine_clocks system_clocks();

} // namespace tidegate
