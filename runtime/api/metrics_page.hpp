#pragma once

#include "runtime/http/responder.hpp"

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <prometheus/registry.h>
#include <vector>

namespace tidegate {

/// The metrics as Prometheus reads them. They are written on a thread of their
/// own, because thousands of series take a while, and once for everybody who
/// asks meanwhile.
class metrics_page {
public:
  explicit metrics_page(std::shared_ptr<prometheus::Registry> registry)
    : registry_{std::move(registry)} {}
  ~metrics_page() { close(); }

  /// Any thread.
  void show(http::responder to);

  /// Nothing more is written once this returns.
  void close() { writer_.join(); }

private:
  void write();

  std::shared_ptr<prometheus::Registry> registry_;
  std::mutex mutex_;
  std::vector<http::responder> waiting_;
  boost::asio::thread_pool writer_{1};
};

} // namespace tidegate
