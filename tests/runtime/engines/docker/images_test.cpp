#include "runtime/engines/docker/images.hpp"

#include "runtime/engines/docker/fake_engine_api.hpp"
#include "runtime/engines/durable_file.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

TEST_CASE("images are used until a module that had them is gone for long",
          "[docker]") {
  const docker::image_uses uses{{"sha256:a", 100}, {"sha256:b", 200}};
  CHECK(docker::decode_image_uses(docker::encode(uses)) == uses);
  CHECK(docker::decode_image_uses("sha256:a 100\n\nsha256:b\n x 1\ny 1x\n")
        == docker::image_uses{{"sha256:a", 100}});
  using list = std::vector<std::string>;
  CHECK(docker::outdated(uses, {}, 299, 100s) == list{"sha256:a"});
  CHECK(docker::outdated(uses, {}, 300, 100s) == list{"sha256:a", "sha256:b"});
  CHECK(docker::outdated(uses, {"sha256:a"}, 900, 100s) == list{"sha256:b"});
}

TEST_CASE("a time of day is within a day", "[docker]") {
  for (const auto now : {0, 1'767'323'045, 1'767'326'400}) {
    const auto wait = docker::until_time_of_day(now, 90min);
    CHECK(wait > 0s);
    CHECK(wait <= 25h); // a day can be longer when clocks are put back
    CHECK(docker::until_time_of_day(now + wait.count(), 90min) > 22h);
  }
}

TEST_CASE("images that no module uses are removed", "[docker]") {
  temporary_folder folder;
  docker_engine_options options;
  options.socket = (folder.path() / "docker.sock").string();
  options.folder = folder.path();
  options.cleanup.age = 100s;
  REQUIRE(write_durably(folder.path() / "image_use",
                        "sha256:old 0\nsha256:used 0\nsha256:new 950\n")
            .empty());
  fake_engine_api api{options.socket};
  auto& one = api.containers["m"];
  one.image_id = "sha256:used";
  one.body["Labels"] = boost::json::object{};
  boost::asio::io_context context;
  docker::engine_api calls{context, options.socket};
  docker::images images{calls, options};
  const auto clean_up = [&] {
    boost::asio::co_spawn(context, images.clean_up(1000),
                          boost::asio::detached);
    context.run();
    context.restart();
  };
  SECTION("once, whether or not that works") {
    const auto status = GENERATE(200u, 500u);
    api.instead.emplace("DELETE", http::error_response(status, "busy"));
    clean_up();
    CHECK(api.was_asked("DELETE /v1.41/images/sha256%3Aold"));
    CHECK_FALSE(api.was_asked("DELETE /v1.41/images/sha256%3Aused"));
    CHECK_FALSE(api.was_asked("DELETE /v1.41/images/sha256%3Anew"));
    CHECK(read_file(folder.path() / "image_use")
          == "sha256:new 950\nsha256:used 1000\n");
  }
  SECTION("but none while it is not known which are used") {
    api.instead.emplace("/containers/json", http::error_response(500, "no"));
    clean_up();
    CHECK_FALSE(api.was_asked("DELETE"));
  }
}
