#pragma once

#include <string>
#include <vector>

namespace tidegate {

/// A table for people: a heading and rows, columns aligned, two blanks
/// between them. Cells are shown as `shown_text` says. A column whose cells are
/// all numbers is aligned right.
class table {
public:
  explicit table(std::vector<std::string> heading);

  void add(std::vector<std::string> row);
  bool empty() const { return rows_.size() == 1; }

  /// The lines, each with its line feed and without blanks at its end.
  std::string text() const;

private:
  std::vector<std::vector<std::string>> rows_;
};

/// `5 s`, `3 min`, `2 h`, `4 d`.
std::string duration_text(long long seconds);

/// `512 B`, `1.5 MiB`, `10 GiB`.
std::string size_text(double bytes);

} // namespace tidegate
