#include "runtime/node/certificate_watch.hpp"

#include "actors/log.hpp"
#include "messages/error_text.hpp"
#include "runtime/engines/durable_file.hpp"

#include <boost/asio/post.hpp>

namespace tidegate {

namespace {

constexpr auto period = std::chrono::minutes{1};

std::filesystem::file_time_type
time_of(const std::filesystem::path& certificate) {
  std::error_code ignored;
  return std::filesystem::last_write_time(certificate, ignored);
}

} // namespace

certificate_watch::certificate_watch(io_loop& loop, shown_certificate shown,
                                     std::shared_ptr<tls_server> tls,
                                     std::shared_ptr<metrics> meters)
  : loop_{loop}, timer_{loop.context()}, shown_{std::move(shown)},
    tls_{std::move(tls)}, meters_{std::move(meters)}, written_{time_of(
                                                        shown_.certificate)} {}

void certificate_watch::start() {
  meter();
  boost::asio::post(loop_.context(),
                    [self = shared_from_this()] { self->wait(); });
}

void certificate_watch::stop() {
  boost::asio::post(loop_.context(),
                    [self = shared_from_this()] { self->timer_.cancel(); });
}

void certificate_watch::wait() {
  timer_.expires_after(period);
  timer_.async_wait(
    [self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled)
        return;
      self->look();
      self->wait();
    });
}

void certificate_watch::look() {
  if (shown_.own)
    if (const auto kept = shown_.own->keep(this_second()); !kept)
      log::error("certificate", "the server certificate cannot be renewed",
                 {{"reason", error_text(kept.error())}});
  const auto written = time_of(shown_.certificate);
  if (written == written_)
    return;
  // Whoever replaces a certificate may not have replaced its key yet: then
  // this fails, and is tried again.
  if (const auto failed = tls_->reload())
    return log::error("certificate", "the new server certificate is not usable",
                      {{"reason", error_text(failed)}});
  written_ = written;
  meter();
  log::info("certificate", "new connections get the new server certificate");
}

void certificate_watch::meter() const {
  if (const auto expiry
      = certificate_expiry(read_file(shown_.certificate).value_or("")))
    meters_
      ->gauge("tidegate_certificate_expiry_seconds",
              "When the server certificate expires, in seconds since 1970.")
      .Set(static_cast<double>(expiry->time_since_epoch().count()));
}

} // namespace tidegate
