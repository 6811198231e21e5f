#include "benchmarks/harness/bench/progress_line.hpp"

#include "benchmarks/harness/bench/result.hpp"

#include <cstdio>

namespace tidegate::harness {

namespace {

std::string rate(std::uint64_t count) {
  return readable({{}, static_cast<double>(count), unit::per_second});
}

} // namespace

progress_line::progress_line(boost::asio::io_context& io,
                             const load_figures& figures, bool wanted)
  : figures_(figures), timer_(io) {
  if (wanted)
    wait();
}

void progress_line::wait() {
  timer_.expires_after(std::chrono::seconds{1});
  timer_.async_wait([this](boost::system::error_code stopped) {
    if (stopped)
      return;
    write();
    wait();
  });
}

void progress_line::write() {
  const auto acknowledged
    = rate(figures_.acknowledged
           - std::exchange(acknowledged_, figures_.acknowledged));
  const auto delivered
    = rate(figures_.delivered - std::exchange(delivered_, figures_.delivered));
  std::fprintf(stderr, "%4d s  acknowledged %10s  delivered %10s\n", ++seconds_,
               acknowledged.c_str(), delivered.c_str());
}

} // namespace tidegate::harness
