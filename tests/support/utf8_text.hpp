#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tidegate {

/// Appends the UTF-8 form of `point`.
inline void append_utf8(std::string& out, std::uint32_t point) {
  const auto put
    = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

/// Any text that is well-formed UTF-8, mostly ASCII.
inline rc::Gen<std::string> utf8_text() {
  using range = std::uint32_t;
  const auto point = rc::gen::weightedOneOf<std::uint32_t>(
    {{8, rc::gen::inRange<range>(0, 0x80)},
     {1, rc::gen::inRange<range>(0x80, 0xd800)},
     {1, rc::gen::inRange<range>(0xe000, 0x110000)}});
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(point),
                      [](const std::vector<std::uint32_t>& points) {
                        std::string text;
                        for (const auto p : points)
                          append_utf8(text, p);
                        return text;
                      });
}

} // namespace tidegate
