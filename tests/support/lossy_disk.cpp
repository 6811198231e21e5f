#include "support/lossy_disk.hpp"

#include <algorithm>
#include <cstring>
#include <rocksdb/system_clock.h>
#include <thread>
#include <utility>

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

Slice copy_to(char* scratch, const std::string& text) {
  std::memcpy(scratch, text.data(), text.size());
  return {scratch, text.size()};
}

class sequential_file : public rocksdb::FSSequentialFile {
public:
  sequential_file(lossy_disk& disk, lossy_disk::file_ptr from)
    : disk_{disk}, from_{std::move(from)} {}

  IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const auto text = disk_.read(*from_, position_, n);
    position_ += text.size();
    *result = copy_to(scratch, text);
    return IOStatus::OK();
  }
  IOStatus Skip(std::uint64_t n) override {
    position_ += n;
    return IOStatus::OK();
  }

private:
  lossy_disk& disk_;
  lossy_disk::file_ptr from_;
  std::uint64_t position_ = 0;
};

class random_access_file : public rocksdb::FSRandomAccessFile {
public:
  random_access_file(lossy_disk& disk, lossy_disk::file_ptr from)
    : disk_{disk}, from_{std::move(from)} {}

  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&,
                Slice* result, char* scratch, IODebugContext*) const override {
    *result = copy_to(scratch, disk_.read(*from_, offset, n));
    return IOStatus::OK();
  }

private:
  lossy_disk& disk_;
  lossy_disk::file_ptr from_;
};

class writable_file : public rocksdb::FSWritableFile {
public:
  writable_file(lossy_disk& disk, lossy_disk::file_ptr to)
    : disk_{disk}, to_{std::move(to)} {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&,
                  IODebugContext*) override {
    return disk_.append(*to_, data);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return disk_.sync(*to_);
  }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return disk_.size(*to_);
  }

private:
  lossy_disk& disk_;
  lossy_disk::file_ptr to_;
};

class directory : public rocksdb::FSDirectory {
public:
  directory(lossy_disk& disk, std::string path)
    : disk_{disk}, path_{std::move(path)} {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_.sync_folder(path_);
  }

private:
  lossy_disk& disk_;
  std::string path_;
};

class file_lock : public rocksdb::FileLock {
public:
  explicit file_lock(std::string path) : name{std::move(path)} {}
  const std::string name;
};

class silent_log : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

class restless_clock : public rocksdb::SystemClockWrapper {
public:
  restless_clock() : SystemClockWrapper{rocksdb::SystemClock::Default()} {}
  const char* Name() const override { return "restless_clock"; }
  void SleepForMicroseconds(int) override { std::this_thread::yield(); }
};

class environment : public rocksdb::EnvWrapper {
public:
  explicit environment(const std::shared_ptr<lossy_disk>& disk)
    : EnvWrapper{rocksdb::NewCompositeEnv(disk)} {
    file_system_ = disk;
    system_clock_ = std::make_shared<restless_clock>();
  }
};

bool lies_in(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + '/');
}

} // namespace

void lossy_disk::die_after(std::uint64_t operations) {
  const std::lock_guard lock{mutex_};
  operations_left_ = operations;
  if (operations == 0)
    freeze();
}

bool lossy_disk::dead() const {
  const std::lock_guard lock{mutex_};
  return death_.has_value();
}

void lossy_disk::freeze() {
  if (death_)
    return;
  death_ = moment{files_, synced_files_, changes_, {}};
  const auto keep = [this](const file_ptr& of) {
    if (of)
      death_->extents.push_back({of, of->content.size(), of->synced});
  };
  for (const auto& [path, of] : files_)
    keep(of);
  for (const auto& [path, of] : synced_files_)
    keep(of);
  for (const auto& parts : changes_)
    for (const auto& part : parts)
      keep(part.to);
}

void lossy_disk::thaw() {
  operations_left_.reset();
  if (!death_)
    return;
  files_ = std::move(death_->files);
  synced_files_ = std::move(death_->synced_files);
  changes_ = std::move(death_->changes);
  for (const auto& [of, size, synced] : death_->extents) {
    of->content.resize(size);
    of->synced = synced;
  }
  death_.reset();
}

void lossy_disk::count_used() {
  used_ = 0;
  for (const auto& [path, of] : files_)
    used_ += of->content.size();
}

void lossy_disk::restart() {
  const std::lock_guard lock{mutex_};
  thaw();
  count_used();
}

void lossy_disk::lose_power(std::mt19937_64& random) {
  const std::lock_guard lock{mutex_};
  thaw();
  const auto kept = random() % (changes_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i)
    for (const auto& [path, to] : changes_[i]) {
      if (to)
        synced_files_[path] = to;
      else
        synced_files_.erase(path);
    }
  changes_.clear();
  files_ = synced_files_;
  for (const auto& [path, of] : files_) {
    lose_tail(*of, random);
    if (path.ends_with(".log") && random() % 2 == 0)
      tear_tail(*of, random);
    of->synced = of->content.size();
  }
  count_used();
}

void lossy_disk::lose_tail(file& of, std::mt19937_64& random) {
  const auto unsynced = of.content.size() - of.synced;
  of.content.resize(of.synced + random() % (unsynced + 1));
}

void lossy_disk::tear_tail(file& of, std::mt19937_64& random) {
  constexpr std::size_t sector = 512;
  for (auto at = of.synced; at < of.content.size();) {
    const auto end = std::min(of.content.size(), (at / sector + 1) * sector);
    if (const auto fate = random() % 4; fate < 2)
      for (auto i = at; i < end; ++i)
        of.content[i] = fate == 0 ? '\0' : static_cast<char>(random());
    at = end;
  }
}

void lossy_disk::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  capacity_ = bytes;
}

std::size_t lossy_disk::damage(const std::string& suffix,
                               const std::function<void(std::string&)>& apply) {
  const std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (auto& [path, entry] : files_)
    if (path.ends_with(suffix)) {
      apply(entry->content);
      ++count;
    }
  return count;
}

std::uint64_t lossy_disk::used() const {
  const std::lock_guard lock{mutex_};
  return used_;
}

void lossy_disk::operation() {
  if (!operations_left_ || death_)
    return;
  if (*operations_left_ == 0)
    freeze();
  else
    --*operations_left_;
}

lossy_disk::file_ptr lossy_disk::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

void lossy_disk::make_change(std::vector<change> parts) {
  for (const auto& [path, to] : parts) {
    if (to)
      files_[path] = to;
    else
      files_.erase(path);
  }
  changes_.push_back(std::move(parts));
}

IOStatus lossy_disk::append(file& to, const Slice& data) {
  const std::lock_guard lock{mutex_};
  operation();
  if (used_ + data.size() > capacity_)
    return IOStatus::NoSpace("no space left on the disk");
  used_ += data.size();
  to.content.append(data.data(), data.size());
  return IOStatus::OK();
}

IOStatus lossy_disk::sync(file& what) {
  const std::lock_guard lock{mutex_};
  operation();
  what.synced = what.content.size();
  return IOStatus::OK();
}

IOStatus lossy_disk::sync_folder(const std::string& folder) {
  const std::lock_guard lock{mutex_};
  operation();
  std::erase_if(changes_, [&](const auto& parts) {
    if (!lies_in(parts.front().path, folder))
      return false;
    for (const auto& [path, to] : parts) {
      if (to)
        synced_files_[path] = to;
      else
        synced_files_.erase(path);
    }
    return true;
  });
  return IOStatus::OK();
}

std::string lossy_disk::read(const file& from, std::uint64_t offset,
                             std::size_t size) const {
  const std::lock_guard lock{mutex_};
  return offset < from.content.size() ? from.content.substr(offset, size)
                                      : std::string{};
}

std::uint64_t lossy_disk::size(const file& of) const {
  const std::lock_guard lock{mutex_};
  return of.content.size();
}

IOStatus lossy_disk::NewSequentialFile(
  const std::string& path, const rocksdb::FileOptions&,
  std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  auto found = find(path);
  if (!found)
    return IOStatus::PathNotFound(path);
  *result = std::make_unique<sequential_file>(*this, std::move(found));
  return IOStatus::OK();
}

IOStatus lossy_disk::NewRandomAccessFile(
  const std::string& path, const rocksdb::FileOptions&,
  std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  auto found = find(path);
  if (!found)
    return IOStatus::PathNotFound(path);
  *result = std::make_unique<random_access_file>(*this, std::move(found));
  return IOStatus::OK();
}

IOStatus lossy_disk::NewWritableFile(
  const std::string& path, const rocksdb::FileOptions&,
  std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  operation();
  auto made = std::make_shared<file>();
  make_change({{path, made}});
  *result = std::make_unique<writable_file>(*this, std::move(made));
  return IOStatus::OK();
}

IOStatus lossy_disk::ReopenWritableFile(
  const std::string& path, const rocksdb::FileOptions&,
  std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  auto found = find(path);
  if (!found)
    return IOStatus::PathNotFound(path);
  *result = std::make_unique<writable_file>(*this, std::move(found));
  return IOStatus::OK();
}

IOStatus lossy_disk::NewDirectory(const std::string& path, const IOOptions&,
                                  std::unique_ptr<rocksdb::FSDirectory>* result,
                                  IODebugContext*) {
  *result = std::make_unique<directory>(*this, path);
  return IOStatus::OK();
}

IOStatus lossy_disk::FileExists(const std::string& path, const IOOptions&,
                                IODebugContext*) {
  const std::lock_guard lock{mutex_};
  return find(path) ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus lossy_disk::GetChildren(const std::string& folder, const IOOptions&,
                                 std::vector<std::string>* result,
                                 IODebugContext*) {
  const std::lock_guard lock{mutex_};
  result->clear();
  for (const auto& [path, entry] : files_)
    if (lies_in(path, folder))
      result->push_back(path.substr(folder.size() + 1));
  return IOStatus::OK();
}

IOStatus lossy_disk::DeleteFile(const std::string& path, const IOOptions&,
                                IODebugContext*) {
  const std::lock_guard lock{mutex_};
  const auto found = find(path);
  if (!found)
    return IOStatus::PathNotFound(path);
  operation();
  used_ -= found->content.size();
  make_change({{path, nullptr}});
  return IOStatus::OK();
}

IOStatus lossy_disk::RenameFile(const std::string& from, const std::string& to,
                                const IOOptions&, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  auto found = find(from);
  if (!found)
    return IOStatus::PathNotFound(from);
  operation();
  if (const auto replaced = find(to))
    used_ -= replaced->content.size();
  make_change({{from, nullptr}, {to, std::move(found)}});
  return IOStatus::OK();
}

IOStatus lossy_disk::GetFileSize(const std::string& path, const IOOptions&,
                                 std::uint64_t* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  const auto found = find(path);
  if (!found)
    return IOStatus::NotFound(path);
  *result = found->content.size();
  return IOStatus::OK();
}

IOStatus lossy_disk::GetFileModificationTime(const std::string&,
                                             const IOOptions&,
                                             std::uint64_t* result,
                                             IODebugContext*) {
  *result = 0;
  return IOStatus::OK();
}

IOStatus lossy_disk::LockFile(const std::string& path, const IOOptions&,
                              rocksdb::FileLock** result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  if (!locks_.insert(path).second)
    return IOStatus::IOError(path, "is locked");
  *result = new file_lock{path};
  return IOStatus::OK();
}

IOStatus lossy_disk::UnlockFile(rocksdb::FileLock* held, const IOOptions&,
                                IODebugContext*) {
  const std::lock_guard lock{mutex_};
  const std::unique_ptr<file_lock> released{static_cast<file_lock*>(held)};
  locks_.erase(released->name);
  return IOStatus::OK();
}

IOStatus lossy_disk::NewLogger(const std::string&, const IOOptions&,
                               std::shared_ptr<rocksdb::Logger>* result,
                               IODebugContext*) {
  *result = std::make_shared<silent_log>();
  return IOStatus::OK();
}

// Folders are not kept: every one exists.

IOStatus lossy_disk::CreateDir(const std::string&, const IOOptions&,
                               IODebugContext*) {
  return IOStatus::OK();
}

IOStatus lossy_disk::CreateDirIfMissing(const std::string&, const IOOptions&,
                                        IODebugContext*) {
  return IOStatus::OK();
}

IOStatus lossy_disk::DeleteDir(const std::string&, const IOOptions&,
                               IODebugContext*) {
  return IOStatus::OK();
}

IOStatus lossy_disk::GetTestDirectory(const IOOptions&, std::string* result,
                                      IODebugContext*) {
  *result = "/test";
  return IOStatus::OK();
}

IOStatus lossy_disk::GetAbsolutePath(const std::string& path, const IOOptions&,
                                     std::string* result, IODebugContext*) {
  *result = path;
  return IOStatus::OK();
}

IOStatus lossy_disk::IsDirectory(const std::string& path, const IOOptions&,
                                 bool* result, IODebugContext*) {
  const std::lock_guard lock{mutex_};
  *result = !find(path);
  return IOStatus::OK();
}

std::unique_ptr<rocksdb::Env>
environment_on(const std::shared_ptr<lossy_disk>& disk) {
  return std::make_unique<environment>(disk);
}
