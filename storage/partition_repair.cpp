#include "storage/partition_repair.hpp"

#include "storage/database.hpp"

#include <charconv>
#include <chrono>
#include <memory>
#include <rocksdb/write_batch.h>
#include <string>

namespace tidegate {

namespace {

// In the partition `meta`: "mend/" the partition '/' key holds a record that
// is kept meanwhile; "mending/" the partition says how far that is; "lost/"
// the partition '/' the end of what is lost holds its beginning.
constexpr std::string_view all_kept = "kept";
constexpr std::string_view moving = "moving";
constexpr std::string_view lost_prefix = "lost/";

constexpr std::size_t batch_size = std::size_t{1} << 20;

rocksdb::ReadOptions once() {
  rocksdb::ReadOptions how;
  how.fill_cache = false;
  return how;
}

/// The first key behind all that begin with `prefix`.
std::string end_of(std::string prefix) {
  ++prefix.back();
  return prefix;
}

char digit_of(partition which) {
  return static_cast<char>('0' + static_cast<int>(which));
}

} // namespace

const char* name_of(partition which) {
  constexpr const char* names[]
    = {"meta", "lanes", "identities", "documents", "commands"};
  return names[static_cast<std::size_t>(which)];
}

std::string readable_key(std::string_view key) {
  std::string text;
  for (const char c : key)
    text += c == '\0' ? '/' : c;
  while (text.ends_with('/'))
    text.pop_back();
  return text;
}

std::string partition_repair::prefix() const {
  return std::string{"mend/"} + digit_of(which_) + '/';
}

std::string partition_repair::mark() const {
  return std::string{"mending/"} + digit_of(which_);
}

rocksdb::Status partition_repair::keep(const rocksdb::Iterator& at) {
  const auto put = kept_.Put(open_.family(partition::meta),
                             prefix() + at.key().ToString(), at.value());
  return put.ok() && kept_.GetDataSize() >= batch_size ? flush_kept() : put;
}

rocksdb::Status partition_repair::flush_kept() {
  const auto written = open_.db->Write(database::synced(), &kept_);
  kept_.Clear();
  return written;
}

rocksdb::Status partition_repair::forget_kept() {
  return open_.db->DeleteRange(database::synced(),
                               open_.family(partition::meta), prefix(),
                               end_of(prefix()));
}

/// From both ends up to the damage.
rocksdb::Status partition_repair::salvage(lost_part& found) {
  auto* const family = open_.family(which_);
  std::unique_ptr<rocksdb::Iterator> it{open_.db->NewIterator(once(), family)};
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    found.after = it->key().ToString();
    if (const auto failed = keep(*it); !failed.ok())
      return failed;
    ++found.kept;
  }
  if (it->status().ok())
    return it->status();
  found.reason = it->status().ToString();
  it.reset(open_.db->NewIterator(once(), family));
  for (it->SeekToLast(); it->Valid() && it->key().ToStringView() > found.after;
       it->Prev()) {
    found.before = it->key().ToString();
    if (const auto failed = keep(*it); !failed.ok())
      return failed;
    ++found.kept;
  }
  return flush_kept();
}

bool partition_repair::is_damaged() const {
  const std::unique_ptr<rocksdb::Iterator> it{
    open_.db->NewIterator(once(), open_.family(which_))};
  for (it->SeekToFirst(); it->Valid();)
    it->Next();
  return it->status().IsCorruption() || it->status().IsPathNotFound();
}

rocksdb::Status
partition_repair::run(std::optional<lost_part>& found,
                      const std::function<void(const lost_part&)>& look) {
  found.reset();
  if (!is_damaged())
    return rocksdb::Status::OK();
  lost_part what;
  what.where = which_;
  what.when = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count();
  auto status = forget_kept();
  if (status.ok())
    status = salvage(what);
  if (status.ok() && what.reason.empty())
    return forget_kept(); // it can be read after all
  if (status.ok())
    look(what);
  if (status.ok() && remembers_)
    status = remember(open_, what);
  if (status.ok())
    status = open_.db->Put(database::synced(), open_.family(partition::meta),
                           mark(), all_kept);
  if (status.ok())
    status = finish();
  if (status.ok())
    found = std::move(what);
  return status;
}

rocksdb::Status partition_repair::finish() {
  auto* const meta = open_.family(partition::meta);
  std::string how_far;
  const auto read = open_.db->Get({}, meta, mark(), &how_far);
  if (read.IsNotFound())
    return forget_kept();
  if (!read.ok())
    return read;
  if (how_far == all_kept) {
    if (const auto failed = make_anew(); !failed.ok())
      return failed;
    if (const auto failed
        = open_.db->Put(database::synced(), meta, mark(), moving);
        !failed.ok())
      return failed;
  }
  if (const auto failed = bring_back(); !failed.ok())
    return failed;
  return open_.db->Delete(database::synced(), meta, mark());
}

rocksdb::Status partition_repair::make_anew() {
  auto*& family = open_.families[static_cast<std::size_t>(which_)];
  const auto name = family->GetName();
  auto status = open_.db->DropColumnFamily(family);
  if (!status.ok())
    return status;
  static_cast<void>(open_.db->DestroyColumnFamilyHandle(family));
  family = nullptr;
  return open_.db->CreateColumnFamily(fresh_, name, &family);
}

rocksdb::Status partition_repair::bring_back() {
  auto* const meta = open_.family(partition::meta);
  const std::unique_ptr<rocksdb::Iterator> it{
    open_.db->NewIterator(once(), meta)};
  rocksdb::WriteBatch batch;
  const auto first = prefix();
  for (it->Seek(first); it->Valid() && it->key().starts_with(first);
       it->Next()) {
    auto key = it->key();
    auto status = batch.Delete(meta, key);
    key.remove_prefix(first.size());
    if (status.ok())
      status = batch.Put(open_.family(which_), key, it->value());
    if (status.ok() && batch.GetDataSize() >= batch_size) {
      status = open_.db->Write(database::synced(), &batch);
      batch.Clear();
    }
    if (!status.ok())
      return status;
  }
  return it->status().ok() ? open_.db->Write(database::synced(), &batch)
                           : it->status();
}

rocksdb::Status partition_repair::remember(const rocks& open,
                                           const lost_part& what) {
  return open.db->Put(database::synced(), open.family(partition::meta),
                      std::string{lost_prefix} + digit_of(what.where) + '/'
                        + what.before,
                      std::to_string(what.when) + ' ' + what.after);
}

rocksdb::Status partition_repair::recall(const rocks& open,
                                         std::vector<lost_part>& all) {
  const std::unique_ptr<rocksdb::Iterator> it{
    open.db->NewIterator({}, open.family(partition::meta))};
  for (it->Seek(lost_prefix); it->Valid() && it->key().starts_with(lost_prefix);
       it->Next()) {
    const auto rest = it->key().ToStringView().substr(lost_prefix.size());
    if (rest.size() < 2)
      continue;
    lost_part one;
    one.where = static_cast<partition>(rest[0] - '0');
    one.before = rest.substr(2);
    const auto value = it->value().ToStringView();
    const auto* const end = value.data() + value.size();
    const auto when = std::from_chars(value.data(), end, one.when);
    if (when.ec != std::errc{} || when.ptr == end)
      continue;
    one.after.assign(when.ptr + 1, end);
    all.push_back(std::move(one));
  }
  return it->status();
}

} // namespace tidegate
