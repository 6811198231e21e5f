#pragma once

#include "actors/modules/machine.hpp"

namespace tidegate {

/// Read from `/proc`, `/sys` and `/etc`; takes well under a millisecond. What
/// cannot be read is left out.
machine_facts read_machine_facts();
machine_usage read_machine_usage();

} // namespace tidegate
