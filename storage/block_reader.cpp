#include "storage/block_reader.hpp"

#include "storage/database.hpp"
#include "storage/lane_key.hpp"

#include <algorithm>
#include <utility>

namespace tidegate {

namespace {

/// One walk over a lane, from block to block and over what is broken.
class walk {
public:
  walk(const rocks& db, const lane_stretch& what,
       const rocksdb::Snapshot* snapshot)
    : what_(what), position_(what.from),
      lower_(block_key(what.lane, what.floor)),
      upper_(block_key(what.lane, what.end)) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.iterate_lower_bound = &lower_bound_;
    options.iterate_upper_bound = &upper_bound_;
    options.readahead_size = 1 << 20;
    options.fill_cache = false;
    at_.reset(db.db->NewIterator(options, db.family(partition::lanes)));
  }

  caf::expected<lane_blocks> read(read_limit most) {
    find_start();
    auto bytes = std::size_t{0};
    while (position_ < what_.end && bytes < most.bytes
           && found_.blocks.size() < most.blocks) {
      if (in_gap())
        continue;
      if (at_->Valid()) {
        bytes += take_block();
      } else if (at_->status().ok()) {
        lose_until(what_.end);
      } else if (at_->status().IsCorruption()) {
        find_readable();
      } else {
        return store_error("read a lane", at_->status());
      }
    }
    return std::move(found_);
  }

private:
  /// Readers mostly ask for where a block begins. Otherwise the block is the
  /// one before; an iterator that went back is slow to go forward again.
  void find_start() {
    const auto wanted = block_key(what_.lane, what_.from);
    at_->Seek(wanted);
    if (at_->Valid() && at_->key() == wanted)
      return;
    at_->SeekForPrev(wanted);
    at_->Seek(at_->Valid() ? at_->key().ToString() : wanted);
  }

  /// Steps over a gap that is known already.
  bool in_gap() {
    const auto gap = std::find_if(
      what_.gaps.begin(), what_.gaps.end(), [this](const lane_gap& known) {
        return known.first <= position_ && position_ < known.end;
      });
    if (gap == what_.gaps.end())
      return false;
    position_ = gap->end;
    return true;
  }

  /// Deals with the block under the iterator and steps on. Returns its size.
  std::size_t take_block() {
    const auto first = offset_of(at_->key().ToStringView()).value_or(0);
    if (first > position_) {
      lose_until(first);
      return 0;
    }
    auto text = at_->value().ToString();
    const auto size = text.size();
    std::string why;
    if (auto data = decode_block(text, why)) {
      const stored_block block{first, std::move(data)};
      // A block before the first one wanted is what the search ran into.
      const auto wanted = first == position_ || found_.blocks.empty();
      if (wanted && block.end() > position_ && block.end() <= what_.end) {
        position_ = block.end();
        found_.blocks.push_back(block);
      }
    } else {
      why_ = std::move(why);
      remains_ = std::move(text);
    }
    at_->Next();
    return size;
  }

  /// [position, end) is lost, for the reason met last.
  void lose_until(std::uint64_t end) {
    end = std::min(end, what_.end);
    if (why_.empty())
      why_ = "the block is missing";
    found_.damage.push_back(
      {{position_, end}, std::exchange(remains_, {}), std::exchange(why_, {})});
    position_ = end;
  }

  /// The iterator cannot pass a stored page: finds the first key behind it
  /// that can be read, by trying ever larger steps and then halving.
  void find_readable() {
    why_ = at_->status().ToString();
    const auto readable = [this](std::uint64_t offset) {
      at_->Seek(block_key(what_.lane, offset));
      return !at_->status().IsCorruption();
    };
    auto bad = position_;
    auto step = std::uint64_t{1};
    while (bad + step < what_.end && !readable(bad + step)) {
      bad += step;
      step *= 2;
    }
    auto good = std::min(bad + step, what_.end);
    while (good - bad > 1) {
      const auto middle = bad + (good - bad) / 2;
      (readable(middle) ? good : bad) = middle;
    }
    if (good < what_.end)
      readable(good);
    else
      lose_until(what_.end);
  }

  const lane_stretch& what_;
  std::uint64_t position_;
  std::string lower_;
  std::string upper_;
  rocksdb::Slice lower_bound_{lower_};
  rocksdb::Slice upper_bound_{upper_};
  std::unique_ptr<rocksdb::Iterator> at_;
  lane_blocks found_;
  std::string why_;
  std::string remains_;
};

} // namespace

caf::expected<lane_blocks> read_blocks(const rocks& db,
                                       const lane_stretch& what,
                                       read_limit most,
                                       const rocksdb::Snapshot* snapshot) {
  return walk{db, what, snapshot}.read(most);
}

} // namespace tidegate
