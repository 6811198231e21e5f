#include "storage/database.hpp"

#include "messages/ec.hpp"
#include "storage/partition_repair.hpp"
#include "storage/quarantine.hpp"
#include "storage/tuning.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <rocksdb/write_batch.h>
#include <string>
#include <system_error>
#include <vector>

namespace tidegate {

namespace {

constexpr std::string_view format_key = "format";
constexpr std::string_view format_version = "tidegate store 1";

/// What must fit onto the disk before a failed store is tried again.
constexpr std::size_t probe_size = std::size_t{1} << 20;

caf::error open_error(const database_options& options, ec code,
                      std::string_view why) {
  return caf::make_error(code, "cannot open the store " + options.path.string()
                                 + ": " + std::string{why});
}

caf::error open_error(const database_options& options,
                      const rocksdb::Status& status) {
  const auto code
    = status.IsCorruption() ? ec::store_damaged : ec::store_failed;
  return open_error(options, code, status.ToString());
}

/// The folder holds keys: nobody but its owner may look into it.
std::error_code make_folder(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (fs::create_directories(path, failed))
    fs::permissions(path, fs::perms::owner_all, failed);
  return failed;
}

/// A family that this version does not know was made by a later one.
bool known_families(const std::vector<std::string>& found,
                    const std::vector<rocksdb::ColumnFamilyDescriptor>& known) {
  return std::all_of(found.begin(), found.end(), [&known](const auto& name) {
    return std::any_of(known.begin(), known.end(), [&name](const auto& family) {
      return family.name == name;
    });
  });
}

} // namespace

caf::error store_error(std::string_view doing, const rocksdb::Status& status) {
  if (status.ok())
    return {};
  const auto code
    = status.IsCorruption() ? ec::store_damaged : ec::store_failed;
  return caf::make_error(code, "cannot " + std::string{doing} + ": "
                                 + status.ToString());
}

caf::error database::error(std::string_view doing,
                           const rocksdb::Status& status) const {
  return store_error(
    std::string{doing} + " the store " + options_.path.string(), status);
}

caf::error database::closed() const {
  return caf::make_error(ec::store_failed, "the store " + options_.path.string()
                                             + " is closed after a failure");
}

rocksdb::Env& database::env() const {
  return options_.env ? *options_.env : *rocksdb::Env::Default();
}

caf::expected<std::shared_ptr<database>>
database::open(const database_options& options) {
  if (options.quota < smallest_quota)
    return open_error(options, ec::bad_argument, "the quota is below 16 MiB");
  if (!options.env && !options.read_only)
    if (const auto failed = make_folder(options.path))
      return open_error(options, ec::store_failed, failed.message());
  const std::shared_ptr<database> result{new database};
  result->options_ = options;
  if (auto error = result->open_rocks())
    return error;
  return result;
}

caf::error database::open_rocks() {
  if (!options_.read_only)
    if (auto error = sync_logs())
      return error;
  const auto tuned = tuned_options(options_);
  const auto families = tuned_families(options_);
  const auto path = options_.path.string();
  std::vector<std::string> found;
  // Fails when there is no store yet, which `Open` then tells from damage.
  const auto listed = rocksdb::DB::ListColumnFamilies(tuned, path, &found);
  if (listed.ok() && !known_families(found, families))
    return open_error(options_, ec::store_damaged, "unknown format version");

  auto opened = open_files(false);
  if (opened.IsCorruption() || opened.IsPathNotFound())
    // The file that does not open may be one that can be done without.
    opened = options_.read_only ? open_files(true) : reopen_mended();
  if (!opened.ok())
    return open_error(options_, opened);
  if (auto error = check_format())
    return error;
  if (options_.read_only)
    return {};
  opened = finish_mending();
  return opened.ok() ? caf::error{} : open_error(options_, opened);
}

/// `tolerant`: files that cannot be opened are found out when they are read.
rocksdb::Status database::open_files(bool tolerant) {
  auto tuned = tuned_options(options_);
  tuned.paranoid_checks = !tolerant;
  const auto path = options_.path.string();
  auto families = tuned_families(options_);
  // What may be damaged is not to be compacted before it has been read.
  for (auto& family : families)
    family.options.disable_auto_compactions
      = tolerant || family.options.disable_auto_compactions;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto opened
    = options_.read_only
        ? rocksdb::DB::OpenForReadOnly(tuned, path, families, &handles, &db)
        : rocksdb::DB::Open(tuned, path, families, &handles, &db);
  if (!opened.ok())
    return opened;
  rocks_ = std::make_unique<rocks>();
  rocks_->db.reset(db);
  std::copy(handles.begin(), handles.end(), rocks_->families.begin());
  return opened;
}

/// Those that RocksDB's compactions would stop at. Messages are never given up
/// here: what is damaged of them is found out block by block.
constexpr partition mendable[] = {partition::identities, partition::documents};

partition_repair database::repair_of(partition which) {
  const auto families = tuned_families(options_);
  // Of who is lost, a parent knows more; but not whose tokens were here.
  const bool remembers = !options_.copies || which == partition::documents;
  return {*rocks_, which, families[static_cast<std::size_t>(which)].options,
          remembers};
}

/// Opens the store in a way in which nothing stops at a damaged file, makes
/// what is damaged anew, and opens it as ever.
rocksdb::Status database::reopen_mended() {
  rocks_.reset();
  if (const auto opened = open_files(true); !opened.ok())
    return opened;
  auto mended = finish_mending();
  for (const auto which : mendable) {
    std::optional<lost_part> found;
    if (mended.ok())
      mended = repair_of(which).run(
        found, [this](const lost_part& what) { keep_files(what); });
    if (found)
      tell(*found);
  }
  rocks_.reset();
  return mended.ok() ? open_files(false) : mended;
}

rocksdb::Status database::finish_mending() {
  for (const auto which : mendable)
    if (const auto finished = repair_of(which).finish(); !finished.ok())
      return finished;
  return recall_lost();
}

rocksdb::Status database::recall_lost() {
  const std::lock_guard guard{damage_mutex_};
  lost_.clear();
  return partition_repair::recall(*rocks_, lost_);
}

rocksdb::Status database::mend(partition which) {
  const std::unique_lock lock{mutex_};
  // Without a log, what is in memory is nowhere else.
  if (!rocks_ || options_.safety == durability::none
      || std::find(std::begin(mendable), std::end(mendable), which)
           == std::end(mendable))
    return rocksdb::Status::NotSupported();
  auto mended = reopen_mended();
  if (mended.ok())
    mended = recall_lost();
  if (!mended.ok())
    rocks_.reset();
  return mended;
}

/// For a person to look at.
void database::keep_files(const lost_part& what) const {
  if (options_.quarantine.empty())
    return;
  std::vector<rocksdb::LiveFileMetaData> files;
  rocks_->db->GetLiveFilesMetaData(&files);
  const auto family = rocks_->family(what.where)->GetName();
  for (const auto& file : files) {
    if (file.column_family_name != family)
      continue;
    std::ifstream in{options_.path / file.name.substr(1), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    quarantine{options_.quarantine, quarantine::limit_of_records}.keep(
      family + file.name.substr(1), content, what.reason);
  }
}

void database::tell(const lost_part& what) {
  damage_listener listener;
  {
    const std::lock_guard guard{damage_mutex_};
    listener = listener_;
    if (!listener)
      untold_.push_back(what);
  }
  if (listener)
    listener(what);
}

void database::on_damage(damage_listener listener) {
  std::vector<lost_part> untold;
  {
    const std::lock_guard guard{damage_mutex_};
    listener_ = listener;
    untold.swap(untold_);
  }
  for (const auto& what : untold)
    listener(what);
}

std::optional<std::int64_t> database::lost_at(partition which,
                                              std::string_view key) const {
  const std::lock_guard guard{damage_mutex_};
  std::optional<std::int64_t> last;
  for (const auto& one : lost_)
    if (one.where == which && one.may_hold(key))
      last = std::max(last.value_or(one.when), one.when);
  return last;
}

caf::error database::check_format() {
  auto& db = *rocks_->db;
  auto* const meta = rocks_->family(partition::meta);
  std::string version;
  const auto read = db.Get({}, meta, format_key, &version);
  if (read.ok() && version == format_version)
    return {};
  if (read.ok())
    return open_error(options_, ec::store_damaged,
                      "unknown format version '" + version + "'");
  if (!read.IsNotFound() || options_.read_only)
    return open_error(options_, read);
  const std::unique_ptr<rocksdb::Iterator> any{db.NewIterator({}, meta)};
  any->SeekToFirst();
  if (any->Valid())
    return open_error(options_, ec::store_damaged, "no format version");
  const auto written = db.Put(synced(), meta, format_key, format_version);
  return written.ok() ? caf::error{} : open_error(options_, written);
}

/// A log that was never synced, because its writer crashed, must not lose its
/// end after more has been written to the next one.
caf::error database::sync_logs() {
  std::vector<std::string> names;
  if (!env().GetChildren(options_.path.string(), &names).ok())
    return {}; // no store yet
  for (const auto& name : names) {
    if (!name.ends_with(".log"))
      continue;
    std::unique_ptr<rocksdb::WritableFile> file;
    auto status = env().ReopenWritableFile((options_.path / name).string(),
                                           &file, rocksdb::EnvOptions{});
    if (status.ok())
      status = file->Sync();
    if (!status.ok())
      return open_error(options_, status);
  }
  return {};
}

rocksdb::WriteOptions database::synced() {
  rocksdb::WriteOptions how;
  how.sync = true;
  return how;
}

rocksdb::WriteOptions database::safe() const {
  auto how = relaxed();
  how.sync = options_.safety == durability::power;
  return how;
}

rocksdb::WriteOptions database::relaxed() const {
  rocksdb::WriteOptions how;
  how.disableWAL = options_.safety == durability::none;
  return how;
}

caf::error database::write(const rocks& open, rocksdb::WriteBatch& batch,
                           const rocksdb::WriteOptions& how) const {
  return error("write to", open.db->Write(how, &batch));
}

caf::error database::sync(const rocks& open) const {
  if (options_.safety == durability::none)
    return flush_families(open, true);
  // A synced write takes all writes before it along.
  rocksdb::WriteBatch nothing;
  return write(open, nothing, synced());
}

caf::error database::flush(const rocks& open) const {
  if (options_.safety == durability::process)
    if (auto error = sync(open))
      return error;
  return flush_families(open, false);
}

caf::error database::flush_families(const rocks& open, bool wait) const {
  rocksdb::FlushOptions how;
  how.wait = wait;
  how.allow_write_stall = true;
  return error(
    "flush", open.db->Flush(how, {open.families.begin(), open.families.end()}));
}

caf::error database::recover() {
  if (auto error = probe())
    return error;
  const std::unique_lock lock{mutex_};
  // Without a log, what is in memory is nowhere else.
  if (options_.safety == durability::none)
    return error("resume", rocks_->db->Resume());
  // RocksDB 7.8 goes on with a log that a failed write has left broken, so
  // `Resume` alone does not do.
  rocks_.reset();
  if (auto error = open_rocks()) {
    rocks_.reset();
    return error;
  }
  // A compaction that met a damaged file has stopped all writing, too.
  for (const auto which : mendable) {
    if (!repair_of(which).is_damaged())
      continue;
    if (const auto mended = reopen_mended(); !mended.ok()) {
      rocks_.reset();
      return error("mend", mended);
    }
  }
  // What a failed sync has left in the log is not safe there.
  return flush_families(*rocks_, true);
}

/// Sees whether the disk takes a file of some size.
caf::error database::probe() {
  const auto path = (options_.path / "probe").string();
  std::unique_ptr<rocksdb::WritableFile> file;
  auto status = env().NewWritableFile(path, &file, rocksdb::EnvOptions{});
  if (status.ok())
    status = file->Append(std::string(probe_size, '\0'));
  if (status.ok())
    status = file->Sync();
  if (file)
    file->Close().PermitUncheckedError();
  env().DeleteFile(path).PermitUncheckedError();
  return error("write to", status);
}

std::uint64_t database::size_on_disk() const {
  std::vector<rocksdb::Env::FileAttributes> files;
  std::uint64_t sum = 0;
  if (env().GetChildrenFileAttributes(options_.path.string(), &files).ok())
    for (const auto& file : files)
      sum += file.size_bytes;
  return sum;
}

} // namespace tidegate
