#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// What an encoded AMQP value is, as far as this product cares (AMQP 1.0,
/// part 1). The widths of numbers are gone: only their meaning counts.
enum class kind : std::uint8_t {
  null,
  boolean,
  natural, ///< ubyte, ushort, uint, ulong
  integer, ///< byte, short, int, long
  real,    ///< float, double
  character,
  timestamp, ///< milliseconds since 1970
  uuid,
  binary,
  string,
  symbol,
  list,
  map,
  other ///< arrays, decimals, described values: kept as raw bytes only
};

/// One value, read in place. Views point into the text that was read.
struct value {
  kind is = kind::null;
  /// `natural` and `character` as they are; `boolean` 0 or 1; `integer` and
  /// `timestamp` as two's complement; `real` as the bits of a double.
  std::uint64_t number = 0;
  /// Content of texts, binaries and uuids; the entries of lists and maps.
  std::string_view text;
  /// Entries in `text`, for lists and maps (two per map pair).
  std::uint32_t count = 0;
  /// The whole encoding, constructor included: enough to echo the value.
  std::string_view raw;

  bool is_text() const { return is == kind::string || is == kind::symbol; }
  std::int64_t as_signed() const { return static_cast<std::int64_t>(number); }
  double as_real() const;
};

/// Reads values one after the other. Never reads outside its text, whatever
/// it holds; does not descend into compound values, so depth costs nothing.
class reader {
public:
  explicit reader(std::string_view text) : rest_{text} {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  /// The next value; false when the text ends early or is no AMQP value.
  bool next(value& out);

private:
  bool take(std::size_t size, std::string_view& out);
  bool fixed(std::size_t size, std::uint64_t& out);
  bool plain(std::uint8_t code, value& out);
  bool compound(std::size_t width, kind is, value& out);
  bool described();

  std::string_view rest_;
};

/// A scalar as text: `true`, `-12`, `1.5`, an ISO 8601 time, a uuid in its
/// usual form, UTF-8 of a binary. Returns false for null, compound values and
/// binaries that are no UTF-8.
bool scalar_text(const value& from, std::string& out);

} // namespace tidegate::amqp
