#include "benchmarks/harness/nodes/machine.hpp"

#include "benchmarks/harness/nodes/node.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tidegate::harness {

namespace {

constexpr const char* library_name = "libtidegate-machine.so";

} // namespace

machine::~machine() {
  if (control_)
    ::munmap(control_, sizeof(machine_control));
}

std::string machine::open(const std::filesystem::path& file,
                          const std::filesystem::path& library) {
  const auto handle = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (handle < 0)
    return file.string() + ": " + std::strerror(errno);
  void* at = MAP_FAILED;
  if (::ftruncate(handle, sizeof(machine_control)) == 0)
    at = ::mmap(nullptr, sizeof(machine_control), PROT_READ | PROT_WRITE,
                MAP_SHARED, handle, 0);
  const auto why = std::strerror(errno);
  ::close(handle);
  if (at == MAP_FAILED)
    return file.string() + ": " + why;
  control_ = static_cast<machine_control*>(at);
  environment_ = {"LD_PRELOAD=" + library.string(),
                  std::string{machine_control_variable} + "=" + file.string()};
  return {};
}

void machine::slow_sync(std::chrono::milliseconds shortest,
                        std::chrono::milliseconds longest) {
  control_->shortest_sync = static_cast<std::uint32_t>(shortest.count());
  control_->longest_sync = static_cast<std::uint32_t>(longest.count());
}

void machine::step_clock(std::chrono::seconds offset) {
  control_->clock_offset = offset.count();
}

std::uint64_t machine::slow_syncs() const { return control_->slow_syncs; }

std::uint64_t machine::wrong_times() const { return control_->wrong_times; }

std::filesystem::path machine_library() {
  const auto beside = own_program().parent_path() / library_name;
  std::error_code missing;
  return std::filesystem::exists(beside, missing) ? beside
                                                  : std::filesystem::path{};
}

} // namespace tidegate::harness
