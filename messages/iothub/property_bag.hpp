#pragma once

#include "messages/message_head.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// A decoded property bag: entries in the order of first appearance, names
/// unique without regard to case. When the text is malformed `why` says how
/// and `entries` is empty.
struct property_bag {
  std::vector<property> entries;
  std::string_view why;

  explicit operator bool() const { return why.empty(); }
};

/// Reads `key=value&key&...` with percent escapes (edge-hub spec 1.7). `key`
/// and `key=` give no value; the last of duplicates wins; a `/` ends the bag;
/// an empty text is an empty bag.
property_bag decode_property_bag(std::string_view text);

/// Appends `key[=value]` to a bag in `out` that began at position `begin`,
/// with a `&` before all but the first.
void append_bag_entry(std::string& out, std::size_t begin,
                      std::string_view name, const std::string* value);

/// Appends all entries as one bag.
void encode_property_bag(std::string& out,
                         const std::vector<property>& entries);

} // namespace tidegate
