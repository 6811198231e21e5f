#pragma once

#include "storage/lost_part.hpp"

#include <caf/error.hpp>
#include <optional>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <string>
#include <utility>
#include <vector>

namespace tidegate {

/// Makes a partition anew from those of its records that can be read, when
/// some cannot: the bits of a disk can flip, and a file with a wrong one would
/// stop every compaction that meets it. Crashes in between are no harm; see
/// `finish`. Nobody else may use the store meanwhile.
class partition_repair {
public:
  /// `fresh` are the options of the new partition. `remembers`: where what is
  /// lost lay is to be known later.
  partition_repair(rocks& open, partition which,
                   rocksdb::ColumnFamilyOptions fresh, bool remembers)
    : open_{open}, which_{which}, fresh_{std::move(fresh)}, remembers_{
                                                              remembers} {}

  /// Whether there are records that cannot be read.
  bool is_damaged() const;

  /// What is damaged, if anything is, after it was mended; `look` may look at
  /// it before. Of two damaged places, what lies between them is lost as well.
  rocksdb::Status run(std::optional<lost_part>& found,
                      const std::function<void(const lost_part&)>& look);

  /// Goes on where a crash has ended `run`.
  rocksdb::Status finish();

  /// Damage that is remembered by `remember`.
  static rocksdb::Status recall(const rocks& open, std::vector<lost_part>& all);
  static rocksdb::Status remember(const rocks& open, const lost_part& what);

private:
  rocksdb::Status salvage(lost_part& found);
  rocksdb::Status keep(const rocksdb::Iterator& at);
  rocksdb::Status flush_kept();
  rocksdb::Status forget_kept();
  rocksdb::Status make_anew();
  rocksdb::Status bring_back();
  std::string prefix() const;
  std::string mark() const;

  rocks& open_;
  partition which_;
  rocksdb::ColumnFamilyOptions fresh_;
  bool remembers_;
  rocksdb::WriteBatch kept_;
};

} // namespace tidegate
