#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace tidegate::amqp {

using guid_bytes = std::array<char, 16>;

/// The bytes of `00112233-4455-6677-8899-aabbccddeeff` in the order of the
/// text, as an AMQP uuid has them; nothing when it is no GUID.
std::optional<guid_bytes> parse_guid(std::string_view text);

/// The same GUID in .NET's order, as delivery tags have it (edge-hub spec
/// 2.5): the first three groups are little endian.
guid_bytes net_order(guid_bytes guid);

} // namespace tidegate::amqp
