#include "actors/modules/retry_gate.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

std::string attempt(retry_gate& gate, std::int64_t& deployment,
                    const boost::json::object& what) {
  if (what.at("deploymentId").as_int64() != deployment)
    gate.clear();
  deployment = what.at("deploymentId").as_int64();
  const retry_gate::time now{std::chrono::seconds{what.at("t").as_int64()}};
  if (!gate.is_open(now))
    return "skip";
  if (what.at("commandFails").as_bool()) {
    gate.failed(now);
    return "fail";
  }
  gate.clear();
  return "ok";
}

} // namespace

TEST_CASE("what failed is held back as the vectors say", "[modules]") {
  const auto vectors = read_vectors("agent-planrunner.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& one = item.as_object();
    INFO(one.at("id"));
    retry_gate gate;
    if (const auto* most = one.at("options").as_object().if_contains("mx"))
      gate.most_tries = static_cast<unsigned>(most->as_int64());
    std::int64_t deployment = 0;
    boost::json::array seen;
    for (const auto& what : one.at("attempts").as_array())
      seen.emplace_back(attempt(gate, deployment, what.as_object()));
    CHECK(seen == one.at("expect").as_array());
  }
}

TEST_CASE("the wait of a gate grows without an end", "[modules]") {
  using namespace std::chrono_literals;
  retry_gate gate;
  for (int i = 0; i < 12; ++i)
    gate.failed({});
  CHECK(gate.wait() == 40960s + 1ms);
  gate.failures = 1'000'000;
  CHECK(gate.wait() > 24h * 365);
}
