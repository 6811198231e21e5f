#pragma once

#include "actors/modules/log_query.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Appends `line` as one record of a module's log, in the format of the
/// container runtime interface, which log shippers read:
///     2026-01-02T03:04:05.678901Z stdout F text
/// `F` ends a line of the module, `P` says that the next record goes on with
/// it.
void append_record(std::string& into, std::int64_t time, bool error,
                   bool partial, std::string_view text);

/// Reads a record, without its end of line; nothing when it is none.
std::optional<log_line> parse_record(std::string_view record);

} // namespace tidegate
