#pragma once

#include "messages/bytes.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidegate {

/// One request to a blob store.
struct blob_request {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  bytes body;
};

/// What came of one: the status of the answer. `problem` says why there is
/// none; `status` is then 0, or 400 when asking again is of no use.
struct blob_answered {
  std::uint64_t ticket = 0;
  unsigned status = 0;
  std::string problem;
};

/// Puts blobs where they are wanted, by HTTPS. Safe from any thread.
class blob_client {
public:
  virtual ~blob_client() = default;

  /// Returns at once; `asker` gets `blob_answered` with the ticket.
  virtual void put(blob_request what, std::uint64_t ticket, caf::actor asker)
    = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::blob_answered)
