#pragma once

#include "messages/identity_id.hpp"

#include <string_view>

namespace tidegate {

/// What a client wants when it publishes to a topic (edge-hub spec 1.5, 1.11,
/// 1.12).
enum class inbound_kind {
  telemetry,       ///< `bag` holds the properties, not yet decoded
  twin_get,        ///< `rid` is never empty
  twin_patch,      ///< without a `rid` no answer is wanted
  method_response, ///< `status` and `rid`
  unknown,         ///< no topic of the hub: dropped, but acknowledged
  violation        ///< the connection is to be closed; `why` says for what
};

/// A topic taken apart. Views point into the topic.
struct inbound_topic {
  inbound_kind kind = inbound_kind::unknown;
  std::string_view bag;
  std::string_view rid;
  std::string_view status; ///< as sent; not checked to be a number
  std::string_view why;
};

/// Sorts and takes apart a topic that `speaker` publishes to. A telemetry
/// topic that names anybody else is a violation.
inbound_topic parse_inbound_topic(std::string_view topic,
                                  const identity_id& speaker);

} // namespace tidegate
