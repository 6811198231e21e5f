#include "benchmarks/harness/net/client.hpp"

#include "benchmarks/harness/net/amqp_client.hpp"
#include "benchmarks/harness/net/method_caller.hpp"
#include "benchmarks/harness/net/mqtt_client.hpp"
#include "benchmarks/harness/net/report_client.hpp"
#include "benchmarks/harness/net/twin_client.hpp"

namespace tidegate::harness {

std::shared_ptr<client> make_client(const stream_factory& streams,
                                    client_spec spec,
                                    client_listener& listener) {
  switch (spec.does) {
  case role::twin:
    return std::make_shared<twin_client>(streams, std::move(spec), listener);
  case role::report:
    return std::make_shared<report_client>(streams, std::move(spec), listener);
  case role::answer:
    return std::make_shared<method_client>(streams, std::move(spec), listener);
  case role::call:
    return std::make_shared<method_caller>(streams, std::move(spec), listener);
  default:
    break;
  }
  if (spec.speaks == protocol::amqp)
    return std::make_shared<amqp_client>(streams, std::move(spec), listener);
  return std::make_shared<mqtt_client>(streams, std::move(spec), listener);
}

} // namespace tidegate::harness
