#include "runtime/engines/docker/container_facts.hpp"
#include "runtime/engines/docker/container_notes.hpp"
#include "runtime/engines/docker/image_use.hpp"
#include "runtime/engines/docker/json_stream.hpp"
#include "runtime/engines/docker/log_frames.hpp"

#include <algorithm>

using namespace tidegate::docker;

namespace {

/// The same bytes give the same lines, however they are cut.
std::string lines_of(std::string_view text, bool framed, std::size_t size) {
  log_frames frames{framed};
  std::vector<tidegate::log_line> lines;
  for (auto good = true; good && !text.empty();) {
    good = frames.feed(text.substr(0, size), lines);
    text.remove_prefix(std::min(size, text.size()));
  }
  frames.finish(lines);
  std::string all;
  for (const auto& line : lines)
    all += std::to_string(line.time) + (line.error ? 'e' : 'o')
           + (line.partial ? '.' : ';') + line.text;
  return all + frames.problem();
}

/// Reads every value as a container; says how many there were.
std::size_t values_in(std::string_view text, std::size_t size) {
  json_stream values;
  std::size_t count = 0;
  for (auto good = true; good && !text.empty();) {
    good = values.feed(text.substr(0, size), [&](const auto& value) {
      ++count;
      if (const auto facts = read_container(value))
        (void)end_of(*facts, false);
    });
    text.remove_prefix(std::min(size, text.size()));
  }
  return count;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const auto framed : {true, false})
    if (lines_of(text, framed, 3) != lines_of(text, framed, text.size() + 1))
      __builtin_trap();
  if (values_in(text, 3) != values_in(text, text.size() + 1))
    __builtin_trap();
  if (const auto notes = decode_notes(text);
      notes && decode_notes(encode(*notes)) != notes)
    __builtin_trap();
  const auto uses = decode_image_uses(text);
  if (decode_image_uses(encode(uses)) != uses)
    __builtin_trap();
  return 0;
}
