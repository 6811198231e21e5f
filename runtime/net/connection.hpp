#pragma once

#include "actors/clients/transport.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/outbound_queue.hpp"
#include "runtime/net/read_buffer.hpp"
#include "runtime/net/stranger_memory.hpp"

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor.hpp>
#include <chrono>
#include <span>
#include <string>

namespace tidegate {

/// What every connection does, however its bytes move: queue and limits on the
/// way out, packets and credit on the way in, and an end that the session
/// hears of exactly once. What follows the `transport` calls runs on the
/// loop's thread.
class connection : public transport,
                   public attentive,
                   public std::enable_shared_from_this<connection> {
public:
  void write(bytes data) final;
  void give_back(std::size_t count) final;
  void tell_drained() final;
  void introduced() final;
  bool charge(std::size_t bytes) final {
    return !account_ || account_->charge(bytes);
  }
  void close() final;
  const peer_info& peer() const final { return peer_; }

  /// Makes the session and starts reading for it.
  void start(const session_factory& make_session);

protected:
  using clock = std::chrono::steady_clock;

  /// `account` is where a stranger's memory counts; null: nowhere.
  connection(io_loop& loop, peer_info peer, connection_options_ptr options,
             stranger_memory::account_ptr account);
  ~connection() override = default;

  /// Reads until nothing more is there, `may_read()` says no, or the end.
  virtual void read() = 0;
  /// Sends what `queue()` holds; calls `sent()` as it goes and `all_sent()`
  /// whenever nothing is left.
  virtual void send() = 0;
  /// Everything is sent: says goodbye to the peer and, once it has answered,
  /// calls `drop()`.
  virtual void say_goodbye() = 0;
  /// The peer is no stranger any more.
  virtual void free_stranger() = 0;
  /// Frees the socket now.
  virtual void drop_socket() = 0;

  /// Whether the session wants more. If not, `read()` is called when it does.
  bool may_read();
  /// Where to read to: little at a time of a stranger.
  std::span<char> room();
  /// Hands the whole packets in `input()` to the session. False: the peer
  /// broke the protocol and the connection is gone.
  bool deliver();
  void sent(std::size_t count);
  void all_sent();
  /// `send()` can not go on for now: watches that it does in time.
  void watch_output();
  /// Has `read()` called again after the others had their turn.
  void read_again();
  /// Ends the connection at once.
  void fail(std::string reason);
  /// Ends the connection after a goodbye.
  void drop();

  bool is_open() const { return phase_ == phase::open; }
  read_buffer& input() { return input_; }
  outbound_queue& queue() { return queue_; }
  const connection_options& options() const { return *options_; }
  io_loop& loop() { return loop_; }

private:
  enum class phase : std::uint8_t { open, flushing, leaving, gone };

  void attend() final;
  std::size_t unread_limit() const;
  void call();
  void tell_closed(std::string reason);
  void watch_until(clock::time_point deadline);
  void on_deadline();

  io_loop& loop_;
  peer_info peer_;
  connection_options_ptr options_;
  const stranger_memory::account_ptr account_;
  bool stranger_ = account_ != nullptr;
  std::size_t expected_ = 0; // size of a packet that was charged for
  caf::actor session_;
  outbound_queue queue_;
  read_buffer input_;
  boost::asio::basic_waitable_timer<clock, boost::asio::wait_traits<clock>,
                                    boost::asio::io_context::executor_type>
    timer_;
  clock::time_point progress_;       // when bytes last left
  clock::time_point close_deadline_; // set once flushing
  std::atomic<std::size_t> unread_ = 0;
  std::atomic<bool> called_ = false;
  std::atomic<bool> drain_wanted_ = false;
  std::atomic<bool> introduced_ = false;
  std::atomic<bool> close_wanted_ = false;
  std::atomic<bool> deaf_ = false; // takes nothing more to send
  phase phase_ = phase::open;
  bool paused_ = false;
  bool read_again_ = false;
  bool blocked_ = false;  // `send()` waits for the peer
  bool watching_ = false; // `timer_` runs
};

} // namespace tidegate
