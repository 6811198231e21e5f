#pragma once

#include "messages/lane.hpp"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace tidegate {

/// The folder that keeps what is left of blocks and records that could not be
/// read, for a person to look at: `<lane>-<first offset>.block` holds the
/// bytes, `.txt` the reason. It never grows beyond `limit` bytes; what comes
/// later is only counted. Nothing here fails: a quarantine that cannot be
/// written must not stop the messages behind the damage. Safe from any thread.
class quarantine {
public:
  static constexpr std::uint64_t default_limit = std::uint64_t{64} << 20;

  /// For what is kept beside messages, in a folder of its own.
  static constexpr std::uint64_t limit_of_records = std::uint64_t{16} << 20;

  explicit quarantine(std::filesystem::path folder,
                      std::uint64_t limit = default_limit);

  /// Keeps the remains of the block at `first`: `remains` is what could be
  /// read, possibly nothing. False if it was not written.
  bool keep(lane_id lane, std::uint64_t first, std::string_view remains,
            std::string_view why);

  /// The same of something that has a name: `<name>.damaged` and
  /// `<name>.txt`. What a file's name cannot hold of it is left out.
  bool keep(const std::string& name, std::string_view remains,
            std::string_view why);

  /// Bytes that the folder takes.
  std::uint64_t size() const;

private:
  bool keep(const std::string& name, const char* kind, std::string_view remains,
            std::string_view why);

  std::filesystem::path folder_;
  std::uint64_t limit_;
  mutable std::mutex mutex_;
  std::uint64_t used_ = 0;
};

} // namespace tidegate
