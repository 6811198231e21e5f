#pragma once

#include "benchmarks/harness/load/load_figures.hpp"

#include <boost/asio/steady_timer.hpp>

namespace tidegate::harness {

/// Says once a second on standard error what a load has done in that second.
class progress_line {
public:
  /// `figures` must outlive this. Nothing is written unless `wanted`.
  progress_line(boost::asio::io_context& io, const load_figures& figures,
                bool wanted);

private:
  void wait();
  void write();

  const load_figures& figures_;
  boost::asio::steady_timer timer_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t delivered_ = 0;
  int seconds_ = 0;
};

} // namespace tidegate::harness
