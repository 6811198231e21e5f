#include "benchmarks/harness/chaos/method_device.hpp"

#include <boost/json/parse.hpp>

namespace tidegate::harness {

bool method_device::on_message(std::string_view payload) {
  boost::system::error_code bad;
  const auto document = boost::json::parse(payload, bad);
  const auto* const object = bad ? nullptr : document.if_object();
  const auto* const n = object ? object->if_contains("n") : nullptr;
  // What is no number is counted as one that nobody calls with.
  ++calls_[n && n->is_int64() ? static_cast<std::uint64_t>(n->get_int64()) : 0];
  return true;
}

} // namespace tidegate::harness
