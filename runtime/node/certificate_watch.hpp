#pragma once

#include "actors/metrics.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/tls_context.hpp"
#include "runtime/node/shown_certificate.hpp"

#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>

namespace tidegate {

/// Looks once a minute whether the server certificate is to be renewed, or was
/// replaced by somebody else, and has new connections use the new one; those
/// that are open stay. Works on the loop's thread; issuing takes a few
/// milliseconds, every two months.
class certificate_watch
  : public std::enable_shared_from_this<certificate_watch> {
public:
  certificate_watch(io_loop& loop, shown_certificate shown,
                    std::shared_ptr<tls_server> tls,
                    std::shared_ptr<metrics> meters);

  void start();
  void stop();

private:
  void wait();
  void look();
  void meter() const;

  io_loop& loop_;
  boost::asio::steady_timer timer_;
  shown_certificate shown_;
  std::shared_ptr<tls_server> tls_;
  std::shared_ptr<metrics> meters_;
  std::filesystem::file_time_type written_{};
};

} // namespace tidegate
