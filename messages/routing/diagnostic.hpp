#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tidegate::routing {

/// One thing to say about a text, and where.
struct diagnostic {
  /// Counts characters from 1; 0 when no one place is meant.
  std::size_t column = 0;
  /// A sentence: what is wrong, and what was expected.
  std::string text;

  bool operator==(const diagnostic&) const = default;
};

/// `column 7: expected ...`, or the text alone without a column.
std::string to_string(const diagnostic& what);

/// The diagnostic for byte `offset` of UTF-8 `source`.
diagnostic diagnose(std::string_view source, std::size_t offset,
                    std::string text);

/// `text` between single quotes for a sentence, cut short when it is long.
std::string quote(std::string_view text);

/// A value, or why there is none.
template <class Value>
class parsed {
public:
  parsed(Value value) : result_{std::move(value)} {}
  parsed(diagnostic error) : result_{std::move(error)} {}

  explicit operator bool() const { return result_.index() == 0; }
  /// Only when there is a value.
  Value& operator*() { return *std::get_if<0>(&result_); }
  const Value& operator*() const { return *std::get_if<0>(&result_); }
  Value* operator->() { return std::get_if<0>(&result_); }
  const Value* operator->() const { return std::get_if<0>(&result_); }
  /// Only when there is none.
  const diagnostic& error() const { return *std::get_if<1>(&result_); }

private:
  std::variant<Value, diagnostic> result_;
};

} // namespace tidegate::routing
