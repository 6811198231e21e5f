#pragma once

#include <algorithm>
#include <cstdint>

namespace tidegate {

/// Where messages go from a lane. Those that leave the node may use all the
/// room there is, those for modules of the node three quarters: a module that
/// passes on what it gets needs room for that before it gives back any, and
/// without a rest that its inputs cannot take a full store would wait for
/// itself. Nor can a module that is away stop what leaves the node.
enum class way : std::uint8_t { out, to_module };

/// Says whether more fits into the folder. What is pending is known at every
/// moment; what the files really take (log, files that wait to be deleted) is
/// measured now and then, and the difference counts as overhead in between.
class quota {
public:
  explicit quota(std::uint64_t limit) : limit_(limit) {}

  std::uint64_t limit() const { return limit_; }
  /// What the folder took when it was last measured.
  std::uint64_t measured() const { return measured_; }

  /// The files took `on_disk` bytes while the lanes held `pending` bytes.
  void measure(std::uint64_t on_disk, std::uint64_t pending) {
    measured_ = on_disk;
    overhead_ = on_disk - std::min(on_disk, pending);
  }

  /// What the folder takes if the lanes hold `pending` bytes.
  std::uint64_t used(std::uint64_t pending) const {
    return pending + overhead_;
  }

  /// By how much the lanes must shrink before `extra` bytes that go `where`
  /// fit; 0 if they fit.
  std::uint64_t excess(std::uint64_t pending, std::uint64_t extra,
                       way where) const {
    const auto wanted = used(pending) + extra;
    const auto room = where == way::out ? admission() : admission() / 4 * 3;
    return wanted - std::min(wanted, room);
  }

  /// True when so little is left that done messages should not wait for
  /// their files to be deleted.
  bool tight(std::uint64_t pending) const {
    return used(pending) > admission() / 2;
  }

private:
  /// Messages get all but a part. It is kept back for what is written also
  /// when the lanes have used up theirs (settlements, identities, documents)
  /// and for files that are written anew before the old ones go.
  std::uint64_t admission() const {
    return limit_ - std::min(limit_ / 8, std::uint64_t{128} << 20);
  }

  std::uint64_t limit_;
  std::uint64_t measured_ = 0;
  std::uint64_t overhead_ = 0;
};

} // namespace tidegate
