#include "runtime/node/deployment_child.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>

using namespace tidegate;

namespace {

std::string manifest_of(const std::string& image) {
  return R"({"schemaVersion":"1.1","runtime":{"type":"process"},
    "systemModules":{},"modules":{"m":{"type":"process","status":"running",
    "settings":{"image":")"
         + image + R"("}}}})";
}

/// A node that has not started yet.
struct stopped_node {
  temporary_folder folder;
  core_parts parts;

  stopped_node() {
    parts.with.node.data = folder.path();
    parts.storage.secrets = std::make_shared<const seal>(std::string(32, 'k'));
  }

  void keep(const std::string& manifest, std::int64_t version) {
    deployment_backup backup{folder.path() / "deployment.sealed",
                             parts.storage.secrets};
    REQUIRE_FALSE(
      backup.keep({version, boost::json::parse(manifest).as_object()}));
  }

  void write_manifest(const std::string& text) {
    parts.with.modules.manifest = folder.path() / "manifest.json";
    std::ofstream{parts.with.modules.manifest} << text;
  }

  /// The image of `m` that is started; empty without a deployment.
  std::string starts_with() const {
    const auto first = first_deployment(parts);
    if (!first)
      return error_text(first.error());
    const auto now = first->board->current();
    return now.manifest ? now.manifest->modules.front().image : "";
  }
};

} // namespace

TEST_CASE_METHOD(stopped_node, "a node starts with what its twin wanted last",
                 "[deployment]") {
  CHECK(starts_with().empty());
  keep(manifest_of("kept"), 7);
  CHECK(starts_with() == "kept");
  CHECK(first_deployment(parts)->board->current().version == 7);
  SECTION("which goes before a manifest") {
    write_manifest(manifest_of("given"));
    parts.with.modules.source = "twin";
    CHECK(starts_with() == "kept");
  }
  SECTION("but not with what cannot be read, or is not allowed any more") {
    parts.storage.secrets = std::make_shared<const seal>(std::string(32, 'x'));
    CHECK(starts_with().empty());
    parts.storage.secrets = std::make_shared<const seal>(std::string(32, 'k'));
    parts.with.modules.engine = "docker";
    CHECK(starts_with().empty());
  }
}

TEST_CASE_METHOD(stopped_node, "a manifest is what a twin says nothing about",
                 "[deployment]") {
  write_manifest(manifest_of("given"));
  parts.with.modules.source = "twin";
  CHECK(starts_with() == "given");
}

TEST_CASE_METHOD(stopped_node, "a node with a manifest starts with that",
                 "[deployment]") {
  keep(manifest_of("kept"), 0);
  write_manifest(manifest_of("given"));
  CHECK(starts_with() == "given");
  SECTION("or with the last good one when it is wrong") {
    write_manifest("{");
    CHECK(starts_with() == "kept");
  }
  SECTION("or not at all when there is no other") {
    write_manifest("{");
    std::filesystem::remove(folder.path() / "deployment.sealed");
    CHECK(first_deployment(parts).error() == ec::bad_argument);
  }
}
