#pragma once

#include "messages/mqtt/packet.hpp"

#include <rapidcheck.h>

#include <string>

namespace tidegate::mqtt {

/// A topic level or client id: printable, no wildcard, no separator.
inline rc::Gen<std::string> plain_text() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(
    rc::gen::oneOf(rc::gen::inRange('0', ':'), rc::gen::inRange('a', '{'))));
}

inline qos quality_up_to(int most) {
  return static_cast<qos>(*rc::gen::inRange(0, most + 1));
}

inline std::uint16_t packet_id() {
  return static_cast<std::uint16_t>(*rc::gen::inRange(1, 65536));
}

} // namespace tidegate::mqtt
