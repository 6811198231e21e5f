#include "messages/amqp/writer.hpp"

namespace tidegate::amqp {

void writer::big_endian(std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    put(static_cast<std::uint8_t>(value >> shift));
}

void writer::text(std::uint8_t short_form, std::uint8_t long_form,
                  std::string_view value) {
  const bool is_short = value.size() < 256;
  put(is_short ? short_form : long_form);
  big_endian(value.size(), is_short ? 1 : 4);
  out_.append(value);
}

void writer::null() { put(0x40); }

void writer::boolean(bool value) { put(value ? 0x41 : 0x42); }

void writer::unsigned_byte(std::uint8_t value) {
  put(0x50);
  put(value);
}

void writer::unsigned_int(std::uint32_t value) {
  put(0x70);
  big_endian(value, 4);
}

void writer::unsigned_long(std::uint64_t value) {
  put(0x80);
  big_endian(value, 8);
}

void writer::integer(std::int32_t value) {
  put(0x71);
  big_endian(static_cast<std::uint32_t>(value), 4);
}

void writer::long_integer(std::int64_t value) {
  put(0x81);
  big_endian(static_cast<std::uint64_t>(value), 8);
}

void writer::strings(std::initializer_list<std::string_view> all) {
  std::size_t size = 4 + 1; // count, constructor
  for (const auto one : all)
    size += 1 + one.size();
  put(0xf0);
  big_endian(size, 4);
  big_endian(all.size(), 4);
  put(0xa1);
  for (const auto one : all) {
    big_endian(one.size(), 1);
    out_.append(one);
  }
}

void writer::timestamp(std::int64_t milliseconds_since_1970) {
  put(0x83);
  big_endian(static_cast<std::uint64_t>(milliseconds_since_1970), 8);
}

void writer::string(std::string_view value) { text(0xa1, 0xb1, value); }

void writer::symbol(std::string_view value) { text(0xa3, 0xb3, value); }

void writer::binary(std::string_view value) { text(0xa0, 0xb0, value); }

void writer::uuid(std::string_view value) {
  put(0x98);
  out_.append(value);
}

void writer::binary_header(std::size_t size) {
  const bool is_short = size < 256;
  put(is_short ? 0xa0 : 0xb0);
  big_endian(size, is_short ? 1 : 4);
}

void writer::descriptor(std::uint64_t code) {
  put(0x00);
  put(0x53);
  put(static_cast<std::uint8_t>(code));
}

writer::open writer::begin(std::uint8_t constructor) {
  put(constructor);
  const open at{out_.size()};
  out_.append(8, '\0'); // size and count, known at the end
  return at;
}

writer::open writer::begin_list() { return begin(0xd0); }

writer::open writer::begin_map() { return begin(0xd1); }

void writer::end(open what, std::uint32_t count) {
  const auto size = static_cast<std::uint32_t>(out_.size() - what.at - 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto shift = 24 - 8 * i;
    out_[what.at + i] = static_cast<char>(size >> shift);
    out_[what.at + 4 + i] = static_cast<char>(count >> shift);
  }
}

} // namespace tidegate::amqp
