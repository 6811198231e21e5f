#include "actors/modules/module_memo.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

deployment::module_spec full_spec() {
  const auto read = deployment::parse_manifest(R"({
    "schemaVersion": "1.1", "runtime": {"type": "process"},
    "systemModules": {},
    "modules": {"m": {
      "type": "process", "version": "2", "status": "stopped",
      "restartPolicy": "on-failure", "imagePullPolicy": "never",
      "startupOrder": 7, "env": {"A": {"value": "b\"c"}},
      "settings": {"image": "prog", "digest": "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "createOptions": "{\"Cmd\":[\"x\"],\"Labels\":{\"tidegate.rollback\":\"5\"}}"}
    }}})",
                                               {});
  REQUIRE(read.ok());
  return read.value.modules.front();
}

} // namespace

TEST_CASE("what is remembered of a module is read back whole", "[modules]") {
  const auto spec = full_spec();
  const auto back = decode_memo(encode({spec, {}, {{"h", "sick"}}}), {});
  REQUIRE(back.spec);
  CHECK(back.spec->hash == spec.hash);
  CHECK(back.spec->process == spec.process);
  CHECK(back.spec->rollback == std::chrono::seconds{5});
  CHECK_FALSE(back.spec->running);
  CHECK_FALSE(back.good);
  CHECK(back.rejected == module_memo::rejection{"h", "sick"});
  CHECK(decode_memo(encode({{}, spec, {}}), {}).good->hash == spec.hash);
}

TEST_CASE("nothing is made of what no gateway wrote", "[modules]") {
  for (const auto* text :
       {"", "[]", "{", "{\"spec\":1}", "{\"spec\":{}}", "{\"rejected\":[]}"}) {
    INFO(text);
    const auto memo = decode_memo(text, {});
    CHECK_FALSE(memo.spec);
    CHECK_FALSE(memo.good);
    CHECK_FALSE(memo.rejected);
  }
}

TEST_CASE("what an engine no longer takes is not brought back", "[modules]") {
  deployment::manifest_rules docker;
  docker.engine = deployment::engine_kind::docker;
  CHECK_FALSE(decode_memo(encode({full_spec(), {}, {}}), docker).spec);
}
