#pragma once

#include "messages/amqp/sections.hpp"

#include <cstdint>
#include <string_view>

namespace tidegate::amqp {

// Codes of the sections that messages of this product have (AMQP 1.0, 3.2).
inline constexpr std::uint64_t annotations_section = 0x72;
inline constexpr std::uint64_t properties_section = 0x73;
inline constexpr std::uint64_t application_section = 0x74;
inline constexpr std::uint64_t data_section = 0x75;
inline constexpr std::uint64_t value_section = 0x77;

// Fields of the properties section.
inline constexpr std::uint32_t message_id_field = 0;
inline constexpr std::uint32_t correlation_id_field = 5;

/// The field of the properties section with that index; null when absent.
value property_field(const message_sections& from, std::uint32_t index);

/// The first entry of `map` with that key; null when absent.
value entry_of(const value& map, std::string_view key);

} // namespace tidegate::amqp
