#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "storage/document_store.hpp"
#include "storage/identity_store.hpp"
#include "storage/own_tokens.hpp"
#include "storage/twin_store.hpp"
#include "support/lane_fixture.hpp"

#include <boost/json/object.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

using namespace tidegate;

namespace {

namespace fs = std::filesystem;

const auto key = std::make_shared<const seal>(std::string(32, 'k'));
constexpr int count = 120;

std::string device(int number) { return "d-" + std::to_string(100 + number); }

/// The store of a gateway, or of a hub, with identities, tokens and twins in
/// files; and what became of it.
struct damaged_store {
  temporary_folder folder;
  database_options options;
  database_ptr db;
  std::vector<lost_part> heard;

  explicit damaged_store(bool copies) {
    options.path = folder.path() / "store";
    options.copies = copies;
    options.quarantine = folder.path() / "quarantine";
    open();
    identity_store identities{db, key};
    const auto tokens = *own_tokens::open(db, key);
    twin_store twins{db, key};
    document_store sessions{db, "sessions"};
    for (int i = 0; i < count; ++i) {
      identity one;
      one.id = {device(i), {}};
      one.primary_key = "a2V5";
      REQUIRE_FALSE(identities.put(one));
      REQUIRE_FALSE(tokens->put({device(i), {}}, {"token", 7}, 0));
      REQUIRE_FALSE(
        twins.write({{{device(i), {}},
                      boost::json::object{{"text", std::string(100, 'x')}}}}));
      REQUIRE_FALSE(sessions.put(device(i), boost::json::array{i}));
    }
    {
      const auto at = db->enter();
      rocksdb::FlushOptions wait;
      REQUIRE(
        at->db->Flush(wait, {at->families.begin(), at->families.end()}).ok());
    }
    db.reset();
  }

  void open() {
    db.reset();
    auto opened = database::open(options);
    INFO((opened ? std::string{} : error_text(opened.error())));
    REQUIRE(opened);
    db = *opened;
    db->on_damage([this](const lost_part& what) { heard.push_back(what); });
  }

  /// The one file of a partition.
  fs::path file_of(partition which) {
    open();
    const auto at = db->enter();
    std::vector<rocksdb::LiveFileMetaData> files;
    at->db->GetLiveFilesMetaData(&files);
    const auto name = at->family(which)->GetName();
    for (const auto& file : files)
      if (file.column_family_name == name)
        return options.path / file.name.substr(1);
    FAIL("there is no file");
    return {};
  }

  std::set<std::string> readable() {
    std::set<std::string> found;
    const auto all = identity_store{db, key}.list(1000);
    REQUIRE(all);
    for (const auto& one : *all)
      found.insert(one.id.device);
    return found;
  }
};

void damage_file(const fs::path& file, const std::string& content) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out << content;
}

std::string content_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// What is damaged of a file: which bytes, and how.
struct hit {
  std::size_t from;
  std::size_t size;
  char how; ///< '0': zeros; else flipped bits
};

std::string with(std::string text, const hit& one) {
  for (auto at = one.from; at < std::min(one.from + one.size, text.size());
       ++at)
    text[at] = one.how == '0' ? '\0' : static_cast<char>(text[at] ^ one.how);
  return text;
}

/// Goes on as a node does: everything can be opened, read and written, now,
/// after the next start, and by compactions.
void goes_on(damaged_store& store) {
  for (int start = 0; start < 2; ++start) {
    store.open();
    identity_store identities{store.db, key};
    REQUIRE(identities.examine());
    REQUIRE_FALSE(identities.remove_damaged());
    REQUIRE(own_tokens::open(store.db, key));
    REQUIRE_FALSE(
      twin_store{store.db, key}.visit([](const auto&, const auto&) {}));
    identity learnt;
    learnt.id = {"learnt", {}};
    REQUIRE_FALSE(identities.put(learnt));
    CHECK(identities.get(learnt.id));
    const auto at = store.db->enter();
    rocksdb::FlushOptions wait;
    REQUIRE(
      at->db->Flush(wait, {at->families.begin(), at->families.end()}).ok());
    for (auto* const family : at->families)
      REQUIRE(at->db->CompactRange({}, family, nullptr, nullptr).ok());
  }
}

} // namespace

TEST_CASE("a gateway goes on whatever bit of its copies flips",
          "[repair][io]") {
  const auto which = GENERATE(partition::identities, partition::documents);
  damaged_store store{true};
  const auto file = store.file_of(which);
  store.db.reset();
  const auto whole = content_of(file);
  // Every kind of place there is in such a file: blocks of records, what is
  // behind each, the index, properties, the footer.
  const auto step = std::max<std::size_t>(whole.size() / 24, 1);
  const fs::path backup = store.folder.path() / "backup";
  fs::copy(store.options.path, backup);
  const auto try_hit = [&](const std::string& text) {
    fs::remove_all(store.options.path);
    fs::copy(backup, store.options.path);
    damage_file(file, text);
    goes_on(store);
    store.db.reset();
  };
  for (std::size_t at = 0; at < whole.size(); at += step) {
    INFO("byte " << at << " of " << whole.size());
    try_hit(with(whole, {at, 1, '\x10'}));
  }
  for (std::size_t back = 1; back <= 60; back += 6) {
    INFO("byte " << back << " from the end");
    try_hit(with(whole, {whole.size() - back, 1, '\x01'}));
  }
  INFO("more than a bit");
  try_hit(with(whole, {whole.size() / 3, 4096, '0'}));
  try_hit(with(whole, {0, whole.size(), '0'}));
  try_hit(whole.substr(0, whole.size() / 2));
  try_hit({});
  fs::remove_all(store.options.path);
  fs::copy(backup, store.options.path);
  fs::remove(file);
  goes_on(store);
}

TEST_CASE("one wrong bit costs a gateway few of its copies", "[repair][io]") {
  damaged_store store{true};
  const auto file = store.file_of(partition::identities);
  store.db.reset();
  damage_file(file, with(content_of(file), {6000, 1, '\x10'}));
  store.open();
  identity_store identities{store.db, key};
  const auto found = identities.examine();
  REQUIRE(found);
  CHECK(found->damaged == 0);
  CHECK(found->readable > count / 2);
  REQUIRE(store.heard.size() == 1);
  CHECK(store.heard[0].where == partition::identities);
  CHECK_FALSE(store.heard[0].reason.empty());
  // What there was is there for a person to look at.
  CHECK_FALSE(fs::is_empty(store.options.quarantine));
  CHECK(identities.get({"nobody", {}}).error() == ec::not_found);
}

TEST_CASE("a hub lets nobody in whose identity it has lost", "[repair][io]") {
  damaged_store store{false};
  const auto file = store.file_of(partition::identities);
  store.db.reset();
  damage_file(file, with(content_of(file), {6000, 1, '\x10'}));
  store.open();
  const auto left = store.readable();
  REQUIRE(store.heard.size() == 1);
  CHECK(left.size() < count);
  CHECK(left.size() > count / 2); // the rest works
  CHECK(store.heard[0].kept == left.size());
  for (int start = 0; start < 2; ++start) {
    {
      identity_store identities{store.db, key};
      for (int i = 0; i < count; ++i) {
        const auto one = identities.get({device(i), {}});
        if (left.contains(device(i)))
          CHECK(one);
        else // it is not absent: nobody may conclude that from here
          CHECK(one.error() == ec::store_damaged);
      }
      CHECK(identities.get({"a", {}}).error() == ec::not_found);
      CHECK(identities.get({"z", {}}).error() == ec::not_found);
    }
    store.open(); // and still after a restart
  }
  SECTION("until it is created again") {
    for (int i = 0; i < count; ++i)
      if (!left.contains(device(i))) {
        identity again;
        again.id = {device(i), {}};
        REQUIRE(identity_store{store.db, key}.create(again));
      }
    CHECK(store.readable().size() == count);
  }
}

TEST_CASE("a hub says when twins may have been lost", "[repair][io]") {
  damaged_store store{false};
  const auto file = store.file_of(partition::documents);
  store.db.reset();
  auto content = content_of(file);
  // A block in the middle of the twins, which come last.
  damage_file(file, with(content, {content.size() * 3 / 4, 1, '\x10'}));
  const auto gone = [&] {
    std::vector<int> all;
    const twin_store twins{store.db, key};
    for (int i = 0; i < count; ++i)
      if (const auto twin = twins.get({device(i), {}}); !twin) {
        CHECK(twin.error() == ec::store_damaged);
        CHECK(twins.lost_at({device(i), {}}));
        all.push_back(i);
      }
    return all;
  };
  store.open();
  REQUIRE_FALSE(
    twin_store{store.db, key}.visit([](const auto&, const auto&) {}));
  const auto lost = gone();
  CHECK_FALSE(lost.empty());
  CHECK(lost.size() < count / 2);
  store.open();
  CHECK(gone() == lost);
  CHECK_FALSE(twin_store{store.db, key}.lost_at({"a", {}}));
}

TEST_CASE("a hub's record that does not open can be deleted and made anew",
          "[repair][io]") {
  damaged_store store{false};
  store.open();
  identity_store identities{store.db, key};
  const identity_id id{device(3), {}};
  {
    const auto at = store.db->enter();
    REQUIRE(at->db
              ->Put({}, at->family(partition::identities),
                    device(3) + std::string(1, '\0'), "rubbish")
              .ok());
  }
  identity wanted;
  wanted.id = id;
  CHECK(identities.get(id).error() == ec::store_damaged);
  // Who creates what is missing must not revive what was disabled.
  CHECK(identities.create(wanted).error() == ec::store_damaged);
  CHECK_FALSE(identities.remove(id));
  CHECK(identities.create(wanted));
}

TEST_CASE("a crash while a partition is mended is no harm", "[repair][io]") {
  const auto crash_at = GENERATE("kept", "moving");
  damaged_store store{true};
  store.open();
  const auto before = store.readable();
  {
    const auto at = store.db->enter();
    auto* const meta = at->family(partition::meta);
    auto* const family = at->family(partition::identities);
    // As `partition_repair` leaves it behind.
    rocksdb::WriteBatch batch;
    const std::unique_ptr<rocksdb::Iterator> it{
      at->db->NewIterator({}, family)};
    int number = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next())
      if (std::string{crash_at} == "kept" || number++ % 2 == 0) {
        REQUIRE(
          batch.Put(meta, "mend/2/" + it->key().ToString(), it->value()).ok());
        if (std::string{crash_at} == "moving")
          REQUIRE(batch.Delete(family, it->key()).ok());
      }
    REQUIRE(batch.Put(meta, "mending/2", crash_at).ok());
    REQUIRE(at->db->Write(database::synced(), &batch).ok());
  }
  store.open();
  CHECK(store.readable() == before);
  store.open();
  CHECK(store.readable() == before);
}
