#include "benchmarks/harness/chaos/twin_device.hpp"

#include <boost/json/parse.hpp>

namespace tidegate::harness {

twin_device::twin_device(const stream_factory& streams, client_spec spec,
                         connection_observer& observer)
  : connection_{streams, std::move(spec), *this, observer, true} {}

void twin_device::report(std::uint64_t n) {
  wanted_ = n;
  send();
}

void twin_device::send() {
  auto* const out = connection_.live();
  if (!out || under_way_ || !wanted_ || wanted_ == acknowledged_)
    return;
  under_way_ = out->publish(*wanted_, {});
  out->flush();
}

void twin_device::on_ready() {
  under_way_ = false;
  connection_.ready();
  send();
}

void twin_device::on_acknowledged(std::uint64_t n) {
  under_way_ = false;
  acknowledged_ = n;
  ++reports_;
  send();
}

bool twin_device::on_message(std::string_view payload) {
  boost::system::error_code bad;
  const auto document = boost::json::parse(payload, bad);
  const auto* const n = !bad && document.is_object()
                          ? document.get_object().if_contains("n")
                          : nullptr;
  if (n && n->is_int64())
    desired_ = static_cast<std::uint64_t>(n->get_int64());
  return true;
}

void twin_device::on_closed(std::string_view why) {
  under_way_ = false;
  connection_.closed(why);
}

} // namespace tidegate::harness
