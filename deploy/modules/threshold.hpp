#pragma once

#include <string>

namespace tidegate::module {

/// A limit for one field of a JSON object.
class threshold {
public:
  /// With the field `*` every text crosses it.
  threshold(std::string field, double limit)
    : field_{std::move(field)}, limit_{limit} {}

  /// Whether `body` is a JSON object with a number at the field that is above
  /// the limit.
  bool crossed_by(const std::string& body) const;

  const std::string& field() const { return field_; }

private:
  std::string field_;
  double limit_;
};

} // namespace tidegate::module
