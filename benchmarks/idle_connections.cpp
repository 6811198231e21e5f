// What an idle connection costs: opens connections from a second process, has
// each of them say a few bytes and get an answer, and then reports the memory
// of the serving process per connection: a small session actor, the transport
// and, with TLS, its state. The kernel's socket buffers are not counted.
//
//   bench_idle_connections [connections = 1000]

#include "runtime/net/certificates.hpp"
#include "runtime/net/listener.hpp"
#include "storage/private_file.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace tidegate;

/// Proportional set size of this process, in bytes.
std::size_t memory() {
  malloc_trim(0);
  std::ifstream in{"/proc/self/smaps_rollup"};
  std::string word;
  while (in >> word && word != "Pss:") {
  }
  std::size_t kibibytes = 0;
  in >> kibibytes;
  return kibibytes * 1024;
}

struct session_state {
  transport_ptr transport;
};

caf::behavior session(caf::stateful_actor<session_state>* self,
                      transport_ptr transport, std::latch* spoken) {
  self->state.transport = std::move(transport);
  return {
    [self, spoken](const received& message) {
      self->state.transport->give_back(message.data.size());
      self->state.transport->write(own("answer"));
      spoken->count_down();
    },
    [self](const closed&) { self->quit(); },
  };
}

void check(bool fine, const char* what) {
  if (fine)
    return;
  std::perror(what);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0,
        "connect");
  return fd;
}

/// The other process: reads a port from its pipe, opens the connections, and
/// holds them until the pipe ends.
[[noreturn]] void be_the_clients(int pipe, int count, bool encrypted) {
  std::uint16_t port = 0;
  check(::read(pipe, &port, sizeof port) == sizeof port, "port");
  auto* const tls = encrypted ? SSL_CTX_new(TLS_client_method()) : nullptr;
  char answer[16];
  for (int i = 0; i < count; ++i) {
    const auto fd = connect_to(port);
    if (encrypted) {
      auto* connection = SSL_new(tls);
      SSL_set_fd(connection, fd);
      check(SSL_connect(connection) == 1, "TLS handshake");
      SSL_write(connection, "hello", 5);
      SSL_read(connection, answer, sizeof answer);
    } else {
      check(::write(fd, "hello", 5) == 5, "write");
      check(::read(fd, answer, sizeof answer) > 0, "read");
    }
  }
  check(::read(pipe, answer, 1) >= 0, "hold");
  std::_Exit(0);
}

std::shared_ptr<tls_server> make_tls() {
  const auto folder = "/tmp/tidegate-bench-" + std::to_string(::getpid());
  const auto ca = make_ca("bench", std::chrono::days{1});
  const auto pair = make_certificate(*ca, {"localhost", {"localhost"}});
  write_private_file(folder + ".pem", pair->certificate + ca->certificate);
  write_private_file(folder + ".key", pair->key);
  auto server = tls_server::open({folder + ".pem", folder + ".key"});
  ::unlink((folder + ".pem").c_str());
  ::unlink((folder + ".key").c_str());
  check(static_cast<bool>(server), "certificates");
  return *server;
}

void measure(const char* name, int count, bool encrypted) {
  int hold[2];
  check(::pipe(hold) == 0, "pipe");
  // One connection more, which warms everything up.
  const auto clients = ::fork();
  if (clients == 0) {
    ::close(hold[1]);
    be_the_clients(hold[0], count + 1, encrypted);
  }
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", 2);
  caf::actor_system system{config};
  io_loop loop;
  std::latch spoken{count + 1};
  listen_options where;
  where.address = "127.0.0.1";
  where.connection_limit = static_cast<std::size_t>(count) + 1;
  where.tls = encrypted ? make_tls() : nullptr;
  const auto door = listen(
    loop, where, connection_options{}, [&](const transport_ptr& transport) {
      return caf::actor{system.spawn(session, transport, &spoken)};
    });
  check(static_cast<bool>(door), "listen");
  loop.start();
  const auto before = memory();
  const auto port = (*door)->port();
  check(::write(hold[1], &port, sizeof port) == sizeof port, "port");
  spoken.wait();
  const auto after = memory();
  std::printf("%-6s %6d connections  %7.2f KB each  (%.1f MB in all)\n", name,
              count, static_cast<double>(after - before) / count / 1000,
              static_cast<double>(after) / 1e6);
  (*door)->stop();
  ::close(hold[1]);
  ::waitpid(clients, nullptr, 0);
  system.await_all_actors_done();
  loop.stop();
}

} // namespace

int main(int argc, char** argv) {
  const auto count = argc > 1 ? std::atoi(argv[1]) : 1000;
  const auto files = static_cast<rlim_t>(count + 100);
  const rlimit limit{files, files};
  check(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "file limit");
  measure("plain", count, false);
  measure("tls", count, true);
}
