#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <set>
#include <string>
#include <vector>

/// A file system in memory that can lose its power. It keeps apart what was
/// written and what was synced: files by `Sync`, creations, renames and
/// deletions by `Fsync` of their folder, in their order (as journaling file
/// systems do). Files only grow at their end. Thread-safe.
class lossy_disk : public rocksdb::FileSystem {
public:
  /// A file's bytes; the first `synced` of them survive.
  struct file {
    std::string content;
    std::size_t synced = 0;
  };
  using file_ptr = std::shared_ptr<file>;

  // What a test does to the disk.

  /// After `operations` more writes, syncs and changes of folders, its user
  /// dies: whatever is done from then on seems to succeed, and is forgotten.
  void die_after(std::uint64_t operations);
  bool dead() const;
  /// Goes back to the moment its user died, nothing lost: only the process
  /// crashed.
  void restart();
  /// The same for a power cut: of what was not synced, each folder keeps
  /// some first changes, each file a part from the front; a write-ahead log
  /// possibly with holes and rubbish in it. (RocksDB needs a file system that
  /// spares its other files that, as ext4 with ordered data does.)
  void lose_power(std::mt19937_64& random);
  /// Files may take this many bytes in total.
  void set_capacity(std::uint64_t bytes);
  /// Does `apply` to the content of every file whose name ends like this.
  /// Returns how many there were.
  std::size_t damage(const std::string& suffix,
                     const std::function<void(std::string&)>& apply);
  std::uint64_t used() const;

  // rocksdb::FileSystem
  const char* Name() const override { return "lossy_disk"; }
  rocksdb::IOStatus
  NewSequentialFile(const std::string&, const rocksdb::FileOptions&,
                    std::unique_ptr<rocksdb::FSSequentialFile>*,
                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus
  NewRandomAccessFile(const std::string&, const rocksdb::FileOptions&,
                      std::unique_ptr<rocksdb::FSRandomAccessFile>*,
                      rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewWritableFile(const std::string&,
                                    const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>*,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus
  ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                     std::unique_ptr<rocksdb::FSWritableFile>*,
                     rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewDirectory(const std::string&, const rocksdb::IOOptions&,
                                 std::unique_ptr<rocksdb::FSDirectory>*,
                                 rocksdb::IODebugContext*) override;
  rocksdb::IOStatus FileExists(const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetChildren(const std::string&, const rocksdb::IOOptions&,
                                std::vector<std::string>*,
                                rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteFile(const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string&,
                                       const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteDir(const std::string&, const rocksdb::IOOptions&,
                              rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetFileSize(const std::string&, const rocksdb::IOOptions&,
                                std::uint64_t*,
                                rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetFileModificationTime(const std::string&,
                                            const rocksdb::IOOptions&,
                                            std::uint64_t*,
                                            rocksdb::IODebugContext*) override;
  rocksdb::IOStatus RenameFile(const std::string&, const std::string&,
                               const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LockFile(const std::string&, const rocksdb::IOOptions&,
                             rocksdb::FileLock**,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock*, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions&, std::string*,
                                     rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewLogger(const std::string&, const rocksdb::IOOptions&,
                              std::shared_ptr<rocksdb::Logger>*,
                              rocksdb::IODebugContext*) override;
  rocksdb::IOStatus GetAbsolutePath(const std::string&,
                                    const rocksdb::IOOptions&, std::string*,
                                    rocksdb::IODebugContext*) override;
  rocksdb::IOStatus IsDirectory(const std::string&, const rocksdb::IOOptions&,
                                bool*, rocksdb::IODebugContext*) override;

  // What its open files do.
  rocksdb::IOStatus append(file& to, const rocksdb::Slice& data);
  rocksdb::IOStatus sync(file& what);
  rocksdb::IOStatus sync_folder(const std::string& folder);
  std::string read(const file& from, std::uint64_t offset,
                   std::size_t size) const;
  std::uint64_t size(const file& of) const;

private:
  /// One change of a folder: `to` is null for a deletion.
  struct change {
    std::string path;
    file_ptr to;
  };

  /// How far a file had got at some moment.
  struct extent {
    file_ptr of;
    std::size_t size = 0;
    std::size_t synced = 0;
  };
  struct moment {
    std::map<std::string, file_ptr> files;
    std::map<std::string, file_ptr> synced_files;
    std::vector<std::vector<change>> changes;
    std::vector<extent> extents;
  };

  void operation();
  void freeze();
  void thaw();
  void count_used();
  file_ptr find(const std::string& path) const;
  void make_change(std::vector<change> parts);
  static void lose_tail(file& of, std::mt19937_64& random);
  static void tear_tail(file& of, std::mt19937_64& random);

  mutable std::mutex mutex_;
  std::map<std::string, file_ptr> files_;
  std::map<std::string, file_ptr> synced_files_;
  /// Not synced yet; a rename is two parts that happen together.
  std::vector<std::vector<change>> changes_;
  std::set<std::string> locks_;
  std::optional<std::uint64_t> operations_left_;
  std::optional<moment> death_;
  std::uint64_t capacity_ = ~std::uint64_t{0};
  std::uint64_t used_ = 0;
};

/// An environment on `disk`, in which no background thread waits before it
/// tries again after an error.
std::unique_ptr<rocksdb::Env>
environment_on(const std::shared_ptr<lossy_disk>& disk);
