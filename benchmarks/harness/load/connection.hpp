#pragma once

#include "benchmarks/harness/net/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <string>

namespace tidegate::harness {

/// What the owner of publishers and subscribers wants to know about their
/// connections.
class connection_observer {
public:
  virtual ~connection_observer() = default;
  /// For the first time since it was started.
  virtual void on_connected() = 0;
  /// `who` lost its connection, and will not come back unless it was told to.
  virtual void on_lost(const std::string& who, std::string_view why) = 0;
};

/// Keeps one client connected: opens it and, when told to be persistent,
/// opens it again a moment after it has been lost.
class connection {
public:
  connection(const stream_factory& streams, client_spec spec,
             client_listener& listener, connection_observer& observer,
             bool persistent);
  ~connection() { stop(); }

  void start();
  /// No client and no attempt from here on.
  void stop();

  /// The listener tells what it was told.
  void ready();
  void closed(std::string_view why);

  /// Null unless connected and, for a subscriber, subscribed.
  client* live() { return ready_ ? client_.get() : nullptr; }
  const client_spec& spec() const { return spec_; }

private:
  const stream_factory& streams_;
  client_spec spec_;
  client_listener& listener_;
  connection_observer& observer_;
  boost::asio::steady_timer retry_;
  std::shared_ptr<client> client_;
  bool persistent_;
  bool ready_ = false;
  bool was_ready_ = false;
};

} // namespace tidegate::harness
