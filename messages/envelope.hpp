#pragma once

#include "messages/bytes.hpp"
#include "messages/message_head.hpp"

namespace tidegate {

/// One message on its way: a shared head and a slice of the buffer that the
/// payload arrived in.
struct envelope {
  head_ptr head;
  bytes payload;
};

} // namespace tidegate
