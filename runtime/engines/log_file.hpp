#pragma once

#include "runtime/engines/log_parts.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tidegate {

/// A stream whose lines are kept.
enum class log_stream { out, error };

/// Longer lines are cut, and the pieces marked as partial.
inline constexpr std::size_t longest_log_line = 16'384;

/// A module's log: `log`, and older parts `log.1`, `log.2`, ... of records as
/// in `log_record.hpp`. The older parts are numbered too (`log_parts.hpp`), so
/// that who follows misses none. Lines that cannot be written, such as when the
/// disk is full, are counted, and the count is written as soon as that works
/// again.
class log_file {
public:
  /// Keeps `files` parts of about `size` bytes each.
  log_file(std::filesystem::path file, std::uint64_t size, std::uint64_t files);
  ~log_file();
  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  /// Takes bytes as the module wrote them; whole lines are written at once.
  void take(log_stream from, std::string_view text);

  /// Whether there is text that has not been written, for want of an end of
  /// line.
  bool has_unended() const;

  /// Writes that text, as pieces of lines that go on: a prompt is shown while
  /// it waits for its answer.
  void show_unended();

  /// Ends lines that were never ended.
  void finish();

private:
  void add(log_stream from, std::string_view line, bool partial);
  void add_pending(log_stream from, bool partial);
  void flush();
  void rotate();
  void open();

  std::filesystem::path path_;
  std::uint64_t size_;
  std::uint64_t files_;
  int fd_ = -1;
  std::uint64_t written_ = 0;
  std::string batch_;                  // records that wait to be written
  std::uint64_t in_batch_ = 0;         // their number
  std::uint64_t lost_ = 0;             // records that could not be written
  std::array<std::string, 2> pending_; // lines without an end, by stream
  std::array<bool, 2> open_{};         // the last record was a piece, likewise
  log_numbers numbers_;
};

} // namespace tidegate
