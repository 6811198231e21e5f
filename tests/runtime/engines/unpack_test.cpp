#include "runtime/engines/archive_maker.hpp"
#include "runtime/engines/artifacts/archive_path.hpp"
#include "runtime/engines/artifacts/file_digest.hpp"
#include "runtime/engines/artifacts/unpack.hpp"
#include "runtime/engines/durable_file.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>

using namespace tidegate;

namespace fs = std::filesystem;

TEST_CASE("an entry's path is its place below the folder", "[engines]") {
  CHECK(path_below("./bin//run") == "bin/run");
  CHECK(path_below("bin/") == "bin");
  CHECK(path_below("..a/b..") == "..a/b..");
  CHECK(path_below(".") == "");
  for (const auto& wrong :
       {std::string{}, std::string{"/etc/passwd"}, std::string{"../x"},
        std::string{"a/../../x"}, std::string{"a/.."}, std::string{"a\0b", 3},
        std::string(256, 'a'), std::string(2000, '/')}) {
    INFO(wrong);
    CHECK_FALSE(path_below(wrong));
  }
}

TEST_CASE("a link stays below its folder", "[engines]") {
  CHECK(stays_below("bin/run", "../lib/run"));
  CHECK(stays_below("run", "./bin/run"));
  CHECK(stays_below("a/b/c", "../.."));
  CHECK_FALSE(stays_below("run", "../x"));
  CHECK_FALSE(stays_below("bin/run", "../../x"));
  CHECK_FALSE(stays_below("run", "/bin/sh"));
  CHECK_FALSE(stays_below("a/b", "c/../x"));
  CHECK_FALSE(stays_below("run", ""));
}

namespace {

struct unpacking {
  temporary_folder folder;
  fs::path archive = folder.path() / "a.tar.gz";
  fs::path into = folder.path() / "into";

  std::string unpacked(const unpack_limits& limits = {}) {
    fs::remove_all(into);
    return unpack(archive, into, limits);
  }
};

} // namespace

TEST_CASE_METHOD(unpacking, "an archive is unpacked for all to read",
                 "[engines][io]") {
  archive_maker{archive}
    .folder("bin")
    .file("bin/run", "#!/bin/sh\n", 04700)
    .file("deep/er/data", "x", 0600)
    .link("start", "bin/run");
  REQUIRE(unpacked().empty());
  CHECK(read_file(into / "bin/run") == "#!/bin/sh\n");
  CHECK(fs::status(into / "bin/run").permissions() == fs::perms{0755});
  CHECK(fs::status(into / "deep/er/data").permissions() == fs::perms{0644});
  CHECK(fs::read_symlink(into / "start") == "bin/run");
  SECTION("and always has the same digest") {
    const auto digest = folder_digest(into);
    CHECK(digest.size() == 64);
    REQUIRE(unpacked().empty());
    CHECK(folder_digest(into) == digest);
    std::ofstream{into / "deep/er/data"} << "y";
    CHECK(folder_digest(into) != digest);
  }
}

TEST_CASE_METHOD(unpacking, "an archive that reaches out is refused",
                 "[engines][io]") {
  const auto refused = [&](auto make) {
    {
      archive_maker maker{archive};
      make(maker);
    }
    return !unpacked().empty() && !fs::exists(folder.path() / "out");
  };
  CHECK(refused([](auto& to) { to.file("../out", "x"); }));
  CHECK(refused([](auto& to) { to.file("a/../../out", "x"); }));
  CHECK(
    refused([&](auto& to) { to.file((folder.path() / "out").string(), "x"); }));
  CHECK(refused([](auto& to) { to.link("a", "..").file("a/out", "x"); }));
  CHECK(refused([](auto& to) { to.link("a", "/etc/passwd"); }));
  CHECK(refused([](auto& to) { to.file("b", "x").hard_link("a", "b"); }));
  CHECK(refused([](auto& to) { to.pipe("a"); }));
  CHECK(refused([](auto& to) { to.file("a", "x").file("a", "y"); }));
  CHECK(refused([](auto& to) { to.file("a", "x").file("a/b", "y"); }));
}

TEST_CASE_METHOD(unpacking, "a link is made once all files are there",
                 "[engines][io]") {
  archive_maker{archive}.folder("b").link("a", "b").file("a/c", "x");
  // What is below a name cannot also be behind it.
  CHECK_FALSE(unpacked().empty());
}

TEST_CASE_METHOD(unpacking, "an archive is no larger than it may be",
                 "[engines][io]") {
  archive_maker{archive}.file("a", std::string(100'000, 'x')).file("b", "x");
  CHECK(unpacked({100'001, 2}).empty());
  CHECK(unpacked({100'000, 2}) == "the archive has more than 100000 bytes");
  CHECK(unpacked({100'001, 1}) == "the archive has more than 1 entries");
}

TEST_CASE_METHOD(unpacking, "what is no archive is said to be none",
                 "[engines][io]") {
  std::ofstream{archive} << "hello";
  CHECK(unpacked().starts_with("the archive cannot be read: "));
  fs::remove(archive);
  CHECK(unpacked().starts_with("the archive cannot be read: "));
  SECTION("nor one that was cut") {
    archive_maker{archive}.file("a", std::string(100'000, 'x'));
    fs::resize_file(archive, fs::file_size(archive) / 2);
    CHECK_FALSE(unpacked().empty());
  }
}

TEST_CASE_METHOD(unpacking, "holes are unpacked as holes, and count",
                 "[engines][io]") {
  archive_maker{archive}
    .sparse("disk", "boot", 1 << 20)
    .sparse("empty", "", 300'000);
  CHECK(unpacked().empty());
  CHECK(fs::file_size(into / "disk") == 1 << 20);
  CHECK(fs::file_size(into / "empty") == 300'000);
  CHECK(read_file(into / "disk")->starts_with("boot"));
  CHECK(unpacked({1'300'000, 100})
        == "the archive has more than 1300000 bytes");
}
