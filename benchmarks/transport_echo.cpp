// How fast bytes cross a transport and come back: `connections` peers in this
// process each keep one small piece on its way to a session actor that echoes
// it. Reports round trips per second and CPU time per round trip.

#include "runtime/net/listener.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

namespace {

using namespace tidegate;

caf::behavior echo(caf::event_based_actor* self, transport_ptr transport) {
  return {
    [transport](const received& message) {
      transport->give_back(message.data.size());
      transport->write(message.data);
    },
    [self](const closed&) { self->quit(); },
  };
}

int connect_to(std::uint16_t port) {
  const auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    std::perror("connect");
  return fd;
}

void round_trips(benchmark::State& state) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", 1);
  caf::actor_system system{config};
  io_loop loop;
  loop.start();
  listen_options where;
  where.address = "127.0.0.1";
  const auto door = listen(loop, where, connection_options{},
                           [&](const transport_ptr& transport) {
                             return caf::actor{system.spawn(echo, transport)};
                           });
  std::vector<pollfd> peers;
  for (int i = 0; i < state.range(0); ++i)
    peers.push_back({connect_to((*door)->port()), POLLIN, 0});
  char piece[128] = {};
  const auto speak = [&](int fd) {
    if (::write(fd, piece, sizeof piece) != sizeof piece)
      state.SkipWithError("write");
  };
  for (const auto& peer : peers)
    speak(peer.fd);
  std::int64_t done = 0;
  for (auto _ : state) {
    ::poll(peers.data(), peers.size(), -1);
    for (const auto& peer : peers)
      if (peer.revents != 0) {
        benchmark::DoNotOptimize(::read(peer.fd, piece, sizeof piece));
        ++done;
        speak(peer.fd);
      }
  }
  state.SetItemsProcessed(done);
  for (const auto& peer : peers)
    ::close(peer.fd);
  (*door)->stop();
  system.await_all_actors_done();
  loop.stop();
}
BENCHMARK(round_trips)
  ->Arg(1)
  ->Arg(20)
  ->Arg(200)
  ->UseRealTime()
  ->MeasureProcessCPUTime();

} // namespace
