#include "benchmarks/harness/chaos/ledger.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <stdexcept>

namespace tidegate::harness {

namespace json = boost::json;

std::optional<ledger_sums> read_ledger(std::string_view printed) try {
  const auto value = json::parse({printed.data(), printed.size()});
  if (!value.at("balanced").as_bool())
    return {};
  ledger_sums sums;
  for (const auto& lane : value.at("lanes").as_array()) {
    const auto count = [&](const char* key) {
      return lane.at(key).to_number<std::uint64_t>();
    };
    sums.accepted += count("accepted");
    sums.delivered += count("delivered");
    sums.pending += count("pending");
    sums.dropped += count("expired") + count("evicted") + count("rejected")
                    + count("damaged");
  }
  return sums;
} catch (const std::exception&) {
  return {};
}

} // namespace tidegate::harness
