#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// One value of a JSON document, by where it stands in the text.
struct json_entry {
  enum class kind : std::uint8_t {
    object, ///< followed by its names and values in turn
    array,  ///< followed by its values
    string, ///< the text between the quotes
    number,
    true_value,
    false_value,
    null_value,
  };

  kind is = kind::null_value;
  bool escaped = false; ///< a string with a backslash in it
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t next = 0; ///< index of the entry behind this whole value

  std::string_view in(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

/// A flat index of a JSON document (RFC 8259): the document is checked as a
/// whole, in one pass and without recursion, and nothing is copied or
/// converted. Faster than building a tree when a few values of it are wanted,
/// and exact about numbers, which stay text. Reuse it to reuse its memory.
class json_index {
public:
  /// Reads `text`. False when it is no JSON document, or nested more than
  /// `max_body_depth` deep; the index is then empty.
  bool read(std::string_view text);

  /// The values in document order; the first one is the whole document.
  const std::vector<json_entry>& entries() const { return entries_; }

private:
  std::vector<json_entry> entries_;
};

} // namespace tidegate::routing
