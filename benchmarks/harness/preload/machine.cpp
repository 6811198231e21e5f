// Preloaded into the nodes of `tidegate chaos`: a disk that is slow to sync and
// a wall clock that steps, as `machine_control` says. Without its file, or in a
// program that the node starts, it does nothing.
#include "benchmarks/harness/preload/control.hpp"

#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

using tidegate::harness::machine_control;

constexpr std::int64_t billion = 1'000'000'000;

machine_control* map_control() {
  const auto* const name
    = std::getenv(tidegate::harness::machine_control_variable);
  const auto file = name ? ::open(name, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0)
    return nullptr;
  auto* const at = ::mmap(nullptr, sizeof(machine_control),
                          PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return at == MAP_FAILED ? nullptr : static_cast<machine_control*>(at);
}

machine_control* control() {
  static auto* const mapped = map_control();
  return mapped;
}

/// The function that this library stands before. Where the symbol has several
/// versions, `version` is the one that programs are linked to.
template <class Function>
Function* next(const char* name, const char* version = nullptr) {
  auto* found = version ? ::dlvsym(RTLD_NEXT, name, version) : nullptr;
  if (!found)
    found = ::dlsym(RTLD_NEXT, name);
  return reinterpret_cast<Function*>(found);
}

void be_slow() {
  auto* const how = control();
  const auto longest = how ? how->longest_sync.load() : 0;
  if (longest == 0)
    return;
  const auto shortest = how->shortest_sync.load();
  // Any spread will do: no run depends on it.
  const auto draw = how->slow_syncs.fetch_add(1) * 2654435761u;
  const auto span = longest > shortest ? longest - shortest + 1 : 1;
  const auto pause = static_cast<std::int64_t>(
    shortest + static_cast<std::uint32_t>(draw >> 7) % span);
  timespec left{static_cast<time_t>(pause / 1000),
                static_cast<long>(pause % 1000 * 1'000'000)};
  while (::nanosleep(&left, &left) != 0) {
  }
}

std::int64_t clock_offset() {
  auto* const how = control();
  const auto offset = how ? how->clock_offset.load() : 0;
  if (offset != 0)
    how->wrong_times.fetch_add(1, std::memory_order_relaxed);
  return offset;
}

bool is_wall(clockid_t which) {
  return which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;
}

/// A moment of the wall clock as the kernel counts it. What is waited for by a
/// monotonic clock is less than a billion seconds.
timespec real_moment(const timespec* until) {
  auto real = *until;
  if (real.tv_sec > billion)
    real.tv_sec -= static_cast<time_t>(clock_offset());
  return real;
}

} // namespace

extern "C" {

int fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  be_slow();
  return real(file);
}

int fdatasync(int file) {
  static auto* const real = next<int(int)>("fdatasync");
  be_slow();
  return real(file);
}

int sync_file_range(int file, off64_t from, off64_t count, unsigned how) {
  static auto* const real
    = next<int(int, off64_t, off64_t, unsigned)>("sync_file_range");
  be_slow();
  return real(file, from, count, how);
}

int clock_gettime(clockid_t which, timespec* into) noexcept {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  const auto result = real(which, into);
  if (result == 0 && is_wall(which))
    into->tv_sec += static_cast<time_t>(clock_offset());
  return result;
}

int gettimeofday(timeval* __restrict into, void* __restrict zone) noexcept {
  static auto* const real = next<int(timeval*, void*)>("gettimeofday");
  const auto result = real(into, zone);
  if (result == 0)
    into->tv_sec += static_cast<time_t>(clock_offset());
  return result;
}

time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into)
    *into = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* __restrict condition,
                           pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict until) {
  static auto* const real
    = next<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>(
      "pthread_cond_timedwait", "GLIBC_2.3.2");
  const auto moment = real_moment(until);
  return real(condition, mutex, &moment);
}

} // extern "C"
