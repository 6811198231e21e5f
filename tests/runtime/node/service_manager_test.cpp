#include "runtime/node/service_manager.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// The environment and the socket that a service manager provides.
struct service_manager {
  temporary_folder folder;
  std::string path = (folder.path() / "notify").string();
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  service_manager() {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), at.sun_path);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  }
  ~service_manager() {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      ::unsetenv(name);
    ::close(fd);
  }
  service_manager(const service_manager&) = delete;
  service_manager& operator=(const service_manager&) = delete;

  std::string heard() const {
    char text[64];
    const auto size = ::recv(fd, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string{}
                    : std::string(text, static_cast<std::size_t>(size));
  }
};

void set(const char* name, const std::string& value) {
  ::setenv(name, value.c_str(), 1);
}

} // namespace

TEST_CASE("a service manager is told what it asked to hear", "[node][io]") {
  const service_manager manager;
  tell_service_manager("READY=1");
  CHECK(manager.heard().empty());
  set("NOTIFY_SOCKET", manager.path);
  tell_service_manager("READY=1");
  CHECK(manager.heard() == "READY=1");
}

TEST_CASE("a watched process shows life twice per period", "[node]") {
  const service_manager manager;
  CHECK_FALSE(watchdog_period());
  set("WATCHDOG_USEC", "30000000");
  CHECK(watchdog_period() == 15s);
  SECTION("when it is the one that is meant") {
    set("WATCHDOG_PID", std::to_string(::getpid()));
    CHECK(watchdog_period() == 15s);
    set("WATCHDOG_PID", "1");
    CHECK_FALSE(watchdog_period());
  }
  SECTION("and the period is a number") {
    set("WATCHDOG_USEC", "soon");
    CHECK_FALSE(watchdog_period());
    set("WATCHDOG_USEC", "-5");
    CHECK_FALSE(watchdog_period());
  }
}
