#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// Appends encoded AMQP values to a text (AMQP 1.0, part 1).
class writer {
public:
  explicit writer(std::string& out) : out_{out} {}

  void null();
  void boolean(bool value);
  void unsigned_byte(std::uint8_t value);
  void unsigned_int(std::uint32_t value);
  void unsigned_long(std::uint64_t value);
  void integer(std::int32_t value);
  void long_integer(std::int64_t value);
  void timestamp(std::int64_t milliseconds_since_1970);
  void string(std::string_view value);
  void symbol(std::string_view value);
  void binary(std::string_view value);
  /// An array of texts of less than 256 bytes each.
  void strings(std::initializer_list<std::string_view> all);
  /// 16 bytes, in the order of the text.
  void uuid(std::string_view value);
  /// A value that is encoded already.
  void raw(std::string_view value) { out_.append(value); }

  /// The constructor of a binary whose `size` bytes the caller sends behind.
  void binary_header(std::size_t size);
  /// The descriptor in front of a section or another described list or map.
  void descriptor(std::uint64_t code);

  /// An open list or map. Whatever is written until `end` belongs to it.
  struct open {
    std::size_t at = 0;
  };
  open begin_list();
  open begin_map();
  /// Closes a list of `count` entries, or a map of `count` / 2 pairs.
  void end(open what, std::uint32_t count);

private:
  void put(std::uint8_t byte) { out_ += static_cast<char>(byte); }
  void big_endian(std::uint64_t value, int bytes);
  void text(std::uint8_t short_form, std::uint8_t long_form,
            std::string_view value);
  open begin(std::uint8_t constructor);

  std::string& out_;
};

} // namespace tidegate::amqp
