#pragma once

#include "actors/clients/transport.hpp"

#include <caf/actor.hpp>
#include <caf/send.hpp>

#include <memory>
#include <string>
#include <utility>

/// A connection without a socket. What its session writes is kept in
/// `written` or, when `far` is set, goes to that actor as `received`. Used by
/// one thread.
class memory_transport : public tidegate::transport {
public:
  tidegate::peer_info info{"memory:1", "test", false, {}};
  caf::actor near; ///< the session that this is the transport of
  caf::actor far;  ///< the session at the other end, or nobody
  std::string written;
  std::size_t given_back = 0;
  bool is_introduced = false;
  std::size_t charged = 0;
  std::size_t memory_left = std::size_t{64} << 20;
  bool is_closed = false;
  bool drain_wanted = false; ///< `drained` is to be sent, by the test

  void write(tidegate::bytes data) override {
    if (is_closed)
      return;
    if (far)
      caf::anon_send(far, tidegate::received{std::move(data)});
    else
      written += data.view;
  }

  void give_back(std::size_t count) override { given_back += count; }

  void tell_drained() override { drain_wanted = true; }

  void introduced() override { is_introduced = true; }

  bool charge(std::size_t bytes) override {
    if (is_introduced)
      return true;
    if (bytes > memory_left)
      return false;
    memory_left -= bytes;
    charged += bytes;
    return true;
  }

  void close() override { end("closed by the session"); }

  const tidegate::peer_info& peer() const override { return info; }

  /// Ends the connection for both sides, as when a cable is cut.
  void end(const std::string& reason) {
    if (std::exchange(is_closed, true))
      return;
    if (near)
      caf::anon_send(near, tidegate::closed{reason});
    if (far)
      caf::anon_send(far, tidegate::closed{"closed by the peer"});
  }

  /// What was written since the last call.
  std::string take_written() { return std::exchange(written, {}); }
};
