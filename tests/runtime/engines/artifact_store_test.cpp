#include "messages/iothub/base64.hpp"
#include "runtime/engines/archive_maker.hpp"
#include "runtime/engines/artifacts/artifact_store.hpp"
#include "runtime/engines/artifacts/file_digest.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/http/server.hpp"
#include "runtime/net/loop_fixture.hpp"
#include "support/temporary_folder.hpp"

#include <atomic>
#include <fstream>

using namespace tidegate;

namespace fs = std::filesystem;

TEST_CASE("uses are read as they were written", "[engines]") {
  const std::string a(64, 'a'), b(64, 'b');
  artifact_uses uses;
  note_use(uses, a, "m:1", 10);
  note_use(uses, a, "file:///x y", 20);
  note_use(uses, b, "m:1", 30);
  CHECK(uses.at(a).references == std::set<std::string>{"file:///x y"});
  CHECK(digest_of(uses, "m:1") == b);
  CHECK(digest_of(uses, "m:2").empty());
  uses.at(a).references.clear();
  CHECK(decode_artifact_uses(encode(uses)) == uses);
  CHECK(
    decode_artifact_uses("x\n" + std::string(64, 'g') + " 1\n" + a + " z\n" + a)
      .empty());
}

TEST_CASE("what nobody uses grows old", "[engines]") {
  using namespace std::chrono_literals;
  const std::string a(64, 'a'), b(64, 'b'), c(64, 'c');
  artifact_uses uses;
  note_use(uses, a, "a", 100);
  note_use(uses, b, "b", 100);
  note_use(uses, c, "c", 101);
  CHECK(unused(uses, {a}, 200, 100s) == std::vector<std::string>{b});
}

namespace {

struct store_fixture : loop_fixture {
  temporary_folder folder;
  std::unique_ptr<artifact_store> store;
  deployment::module_spec spec;
  std::optional<deployment::registry_credential> credential;
  listener_ptr door;
  std::vector<http::request> seen;
  http::response page;

  store_fixture() {
    fs::create_directories(programs());
    open();
  }
  ~store_fixture() {
    if (door)
      door->stop();
    settle();
    store.reset();
  }

  fs::path programs() const { return folder.path() / "programs"; }

  void open(std::chrono::seconds age = std::chrono::hours{1}) {
    artifact_options options;
    options.folder = folder.path() / "artifacts";
    options.programs = programs();
    options.age = age;
    options.largest_download = 100'000;
    store = std::make_unique<artifact_store>(loop.context(), options);
  }

  std::string fetch(const std::string& image) {
    spec.image = image;
    std::string problem;
    std::atomic<bool> done = false;
    store->fetch(spec, credential, [&](std::string what) {
      problem = std::move(what);
      done = true;
    });
    REQUIRE(until([&] { return done.load(); }));
    return problem;
  }

  fs::path archive(const std::string& name, const std::string& text = "one") {
    const auto file = programs() / name;
    archive_maker{file}.file("run", text, 0755);
    return file;
  }

  std::string serve() {
    http::server_options options;
    options.listen.address = "127.0.0.1";
    auto opened = http::serve(
      loop, options, [this](const http::request& asked, http::responder to) {
        seen.push_back(asked);
        to.send(page);
      });
    REQUIRE(opened);
    door = *opened;
    return "http://127.0.0.1:" + std::to_string(door->port()) + "/m.tar.gz";
  }
};

} // namespace

TEST_CASE_METHOD(store_fixture, "a program is used where it lies",
                 "[engines][io]") {
  std::ofstream{programs() / "m"} << "x";
  CHECK(fetch("m").empty());
  const auto found = store->find(spec);
  CHECK(found.program == programs() / "m");
  CHECK(found.folder.empty());
  CHECK(found.digest == file_digest(programs() / "m"));
  SECTION("if it has the digest that is asked for") {
    spec.digest = "sha256:" + found.digest;
    CHECK(fetch("m").empty());
    std::ofstream{programs() / "m"} << "y";
    CHECK(fetch("m").find(", but settings.digest is " + spec.digest)
          != std::string::npos);
    CHECK_FALSE(store->find(spec).problem.empty());
  }
}

TEST_CASE_METHOD(store_fixture, "a folder with the name and version is used",
                 "[engines][io]") {
  fs::create_directories(programs() / "m/1.0");
  std::ofstream{programs() / "m/1.0/run"} << "x";
  CHECK(fetch("m:1.0").empty());
  const auto found = store->find(spec);
  CHECK(found.program == programs() / "m/1.0/run");
  CHECK(found.digest == folder_digest(programs() / "m/1.0"));
  CHECK_FALSE(found.kept);
}

TEST_CASE_METHOD(store_fixture, "an archive is unpacked once",
                 "[engines][io]") {
  const auto file = archive("m-1.0.tar.gz");
  CHECK(fetch("m:1.0").empty());
  const auto found = store->find(spec);
  CHECK(found.digest == file_digest(file));
  CHECK(found.kept);
  CHECK(read_file(found.program) == "one");
  SECTION("and found by a later gateway, though the archive is gone") {
    fs::remove(file);
    open();
    CHECK(store->find(spec).program == found.program);
    CHECK(fetch("m:1.0").starts_with("there is no m:1.0 in "));
    spec.pull = false;
    CHECK(fetch("m:1.0").empty());
  }
  SECTION("another one of the same name is another artifact") {
    archive("m-1.0.tar.gz", "two");
    CHECK(fetch("m:1.0").empty());
    CHECK(read_file(store->find(spec).program) == "two");
    spec.digest = found.digest;
    CHECK(read_file(store->find(spec).program) == "one");
    CHECK_FALSE(fetch("m:1.0").empty());
  }
  SECTION("and removed when nobody has used it for long") {
    open(std::chrono::seconds{0});
    store->collect({found.digest});
    fetch("m:1.0"); // done after what was asked for before
    CHECK(fs::exists(found.program));
    store->collect({});
    spec.pull = false;
    CHECK(fetch("m:1.0") == "m:1.0: it is not in the store of artifacts");
    CHECK_FALSE(fs::exists(found.folder));
  }
}

TEST_CASE_METHOD(store_fixture, "a file's URL names an archive",
                 "[engines][io]") {
  const auto file = archive("any.tar.gz");
  CHECK(fetch("file://" + file.string()).empty());
  CHECK(store->find(spec).kept);
  CHECK_FALSE(fetch("file:///nowhere.tar").empty());
}

TEST_CASE_METHOD(store_fixture, "a bad archive leaves nothing behind",
                 "[engines][io]") {
  archive_maker{programs() / "m-1.tar"}.file("../out", "x");
  CHECK(fetch("m:1").starts_with("m:1: the archive has an entry"));
  CHECK(fs::is_empty(folder.path() / "artifacts"));
}

TEST_CASE_METHOD(store_fixture, "an archive comes over the network",
                 "[engines][io]") {
  const auto file = archive("m.tar.gz");
  const auto url = serve();
  page.body = read_file(file).value();
  spec.digest = "sha256:" + file_digest(file);
  CHECK(fetch(url).empty());
  CHECK(read_file(store->find(spec).program) == "one");
  REQUIRE(seen.size() == 1);
  SECTION("once, as its digest says what it is") {
    CHECK(fetch(url).empty());
    CHECK(seen.size() == 1);
  }
  SECTION("and nothing else has its digest") {
    spec.digest = std::string(64, 'a');
    CHECK(fetch(url).find("but settings.digest is") != std::string::npos);
    CHECK_FALSE(store->find(spec).problem.empty());
  }
  SECTION("or does not") {
    spec.digest = std::string(64, 'a');
    page.status = 404;
    CHECK(fetch(url) == url + ": the server answered 404");
    page = {200, std::string(100'001, 'x'), "", {}};
    CHECK_FALSE(fetch(url).empty());
    spec.pull = false;
    CHECK(fetch(url).ends_with("and imagePullPolicy is never"));
    spec.pull = true;
    door->stop();
    CHECK_FALSE(fetch(url).empty());
  }
  SECTION("from where the server says, without the password") {
    spec.digest = std::string(64, 'a');
    credential = deployment::registry_credential{"", "", "u", "p"};
    page = {302, "", "", {{"Location", url}}};
    CHECK_FALSE(fetch(url).empty());
    CHECK(seen.size() == 5);
    for (const auto& asked : seen)
      CHECK_FALSE(http::find_header(asked.headers, "Authorization"));
  }
  SECTION("but not from a server that could be anybody") {
    spec.digest.clear();
    CHECK(fetch(url) == url + " leads to " + url);
  }
}

TEST_CASE_METHOD(store_fixture, "downloads come one after the other",
                 "[engines][io]") {
  std::vector<http::responder> held;
  http::server_options options;
  options.listen.address = "127.0.0.1";
  auto opened
    = http::serve(loop, options, [&](const http::request&, http::responder to) {
        held.push_back(std::move(to));
      });
  REQUIRE(opened);
  door = *opened;
  const auto at = "http://127.0.0.1:" + std::to_string(door->port());
  std::vector<std::string> problems;
  for (const auto* name : {"/a", "/b"}) {
    auto one = spec;
    one.image = at + name;
    one.digest = "sha256:" + std::string(64, 'a');
    store->fetch(one, credential,
                 [&](std::string what) { problems.push_back(what); });
  }
  REQUIRE(until([&] { return !held.empty(); }));
  settle();
  CHECK(held.size() == 1);
  held[0].send({404, {}, {}, {}});
  REQUIRE(until([&] { return held.size() == 2; }));
  held[1].send({404, {}, {}, {}});
  REQUIRE(until([&] { return problems.size() == 2; }));
}
