#include "storage/database.hpp"

#include "messages/ec.hpp"
#include "storage/tuning.hpp"

#include <algorithm>
#include <rocksdb/write_batch.h>
#include <system_error>

namespace tidegate {

namespace {

constexpr std::string_view format_key = "format";
constexpr std::string_view format_version = "tidegate store 1";

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
  const auto code
    = status.IsCorruption() ? ec::store_damaged : ec::store_failed;
  return caf::make_error(code, "cannot " + std::string{doing} + ": "
                                 + status.ToString());
}

caf::expected<std::shared_ptr<database>>
database::open(const database_options& options) {
  if (options.quota < smallest_quota)
    return open_error(options, ec::bad_argument, "the quota is below 16 MiB");
  if (!options.env && !options.read_only)
    if (const auto failed = make_folder(options.path))
      return open_error(options, ec::store_failed, failed.message());

  const auto tuned = tuned_options(options);
  const auto families = tuned_families(options);
  const auto path = options.path.string();
  std::vector<std::string> found;
  // Fails when there is no store yet, which `Open` then tells from damage.
  const auto listed = rocksdb::DB::ListColumnFamilies(tuned, path, &found);
  if (listed.ok() && !known_families(found, families))
    return open_error(options, ec::store_damaged, "unknown format version");

  const std::shared_ptr<database> result{new database};
  result->options_ = options;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto opened
    = options.read_only
        ? rocksdb::DB::OpenForReadOnly(tuned, path, families, &handles, &db)
        : rocksdb::DB::Open(tuned, path, families, &handles, &db);
  if (!opened.ok())
    return open_error(options, opened);
  result->db_.reset(db);
  std::copy(handles.begin(), handles.end(), result->families_.begin());
  if (auto error = result->check_format())
    return error;
  return result;
}

database::~database() {
  for (auto* handle : families_)
    if (handle)
      db_->DestroyColumnFamilyHandle(handle);
}

caf::error database::check_format() {
  std::string version;
  const auto read = db_->Get({}, family(partition::meta), format_key, &version);
  if (read.ok() && version == format_version)
    return {};
  if (read.ok())
    return open_error(options_, ec::store_damaged,
                      "unknown format version '" + version + "'");
  if (!read.IsNotFound() || options_.read_only)
    return open_error(options_, read);
  const std::unique_ptr<rocksdb::Iterator> any{
    db_->NewIterator({}, family(partition::meta))};
  any->SeekToFirst();
  if (any->Valid())
    return open_error(options_, ec::store_damaged, "no format version");
  const auto written
    = db_->Put(synced(), family(partition::meta), format_key, format_version);
  return written.ok() ? caf::error{} : open_error(options_, written);
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

rocksdb::Status database::sync() const {
  if (options_.safety == durability::none)
    return db_->Flush({}, {families_.begin(), families_.end()});
  // A synced write takes all writes before it along.
  rocksdb::WriteBatch nothing;
  return db_->Write(synced(), &nothing);
}

std::uint64_t database::size_on_disk() const {
  std::vector<rocksdb::Env::FileAttributes> files;
  std::uint64_t sum = 0;
  if (db_->GetEnv()
        ->GetChildrenFileAttributes(options_.path.string(), &files)
        .ok())
    for (const auto& file : files)
      sum += file.size_bytes;
  return sum;
}

rocksdb::Status database::recover() { return db_->Resume(); }

} // namespace tidegate
