#pragma once

#include "messages/routing/arena.hpp"
#include "messages/routing/body_path.hpp"
#include "messages/routing/body_text.hpp"
#include "messages/routing/json_index.hpp"
#include "messages/routing/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// The body of one message at a time, as body queries see it (edge-hub spec
/// 4.7). Parsed when the first query asks, at most once per message.
class message_body {
public:
  /// A new message. `payload` must stay as long as values are asked for.
  void set(std::string_view payload, body_encoding encoding);

  /// The value that `query` leads to: undefined without a JSON object, and for
  /// objects, arrays and date-time strings; null where the path leads nowhere.
  /// A string lies in the payload, or in `room` when it had to be decoded.
  body_value find(const body_query& query, arena& room);

private:
  enum class state : std::uint8_t { unread, object, opaque };

  /// Where a numbered query led, in the message that it was asked about.
  struct memo {
    std::uint64_t message = 0;
    std::optional<std::uint32_t> entry;
  };

  void read();
  std::optional<std::uint32_t> follow(const body_path& path, arena& room) const;
  std::optional<std::uint32_t> recall(const body_query& query, arena& room);
  body_value value_of(const json_entry& entry, arena& room) const;

  state state_ = state::opaque;
  body_encoding encoding_ = body_encoding::utf8;
  std::string_view payload_;
  std::string_view text_;
  std::string decoded_;
  json_index index_;
  std::uint64_t message_ = 0; ///< counts them
  std::vector<memo> memos_;   ///< by number of the query
};

} // namespace tidegate::routing
