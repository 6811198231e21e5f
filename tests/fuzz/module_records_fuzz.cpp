#include "runtime/engines/launch_record.hpp"
#include "runtime/engines/log_record.hpp"
#include "runtime/engines/state_record.hpp"

using namespace tidegate;

/// What is read must come out the same when it is written and read again.
template <class Decode>
void check(std::string_view text, Decode decode) {
  const auto record = decode(text);
  if (record && decode(encode(*record)) != record)
    __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check(text, decode_launch);
  check(text, decode_state);
  if (const auto line = parse_record(text)) {
    std::string again;
    append_record(again, line->time, line->error, line->partial, line->text);
    if (again.find(line->text) == std::string::npos)
      __builtin_trap();
  }
  return 0;
}
