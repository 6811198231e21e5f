#include "benchmarks/harness/load/connection.hpp"

namespace tidegate::harness {

namespace {

/// Short: the time a node takes to come back is to be seen, not hidden.
constexpr std::chrono::milliseconds retry_after{25};

} // namespace

connection::connection(const stream_factory& streams, client_spec spec,
                       client_listener& listener, connection_observer& observer,
                       bool persistent)
  : streams_(streams), spec_(std::move(spec)), listener_(listener),
    observer_(observer), retry_(streams.io), persistent_(persistent) {}

void connection::start() {
  client_ = make_client(streams_, spec_, listener_);
  client_->open();
}

void connection::stop() {
  retry_.cancel();
  ready_ = false;
  if (client_)
    client_->close();
  client_.reset();
}

void connection::ready() {
  ready_ = true;
  if (!std::exchange(was_ready_, true))
    observer_.on_connected();
}

void connection::closed(std::string_view why) {
  ready_ = false;
  observer_.on_lost(spec_.client_id, why);
  if (!persistent_)
    return;
  retry_.expires_after(retry_after);
  retry_.async_wait([this](boost::system::error_code stopped) {
    if (!stopped)
      start();
  });
}

} // namespace tidegate::harness
