#include "benchmarks/harness/net/client.hpp"

#include "benchmarks/harness/net/amqp_client.hpp"
#include "benchmarks/harness/net/mqtt_client.hpp"

namespace tidegate::harness {

std::shared_ptr<client> make_client(const stream_factory& streams,
                                    client_spec spec,
                                    client_listener& listener) {
  if (spec.speaks == protocol::amqp)
    return std::make_shared<amqp_client>(streams, std::move(spec), listener);
  return std::make_shared<mqtt_client>(streams, std::move(spec), listener);
}

} // namespace tidegate::harness
