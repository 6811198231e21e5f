#pragma once

#include "messages/mqtt/decode.hpp"
#include "messages/mqtt/encode.hpp"

#include <atomic>
#include <boost/asio.hpp>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A broker on loopback, on a thread of its own, that serves one client after
/// the other and does what it is told.
class tiny_broker {
public:
  // Set before a client comes.
  tidegate::mqtt::connack answer;
  std::string sends = {}; ///< to "c/1", when it is subscribed to

  // -1: no limit.
  std::atomic<int> acknowledges = -1; ///< publications; then it is silent
  std::atomic<int> takes = -1; ///< publications; then it cuts the connection

  ~tiny_broker() {
    ended_ = true;
    boost::system::error_code ignored;
    const std::lock_guard lock{mutex_};
    boost::asio::ip::tcp::socket waker{io_};
    waker.connect(acceptor_.local_endpoint(), ignored);
    if (client_)
      client_->shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Topic, a space, and payload of everything published.
  std::vector<std::string> published() {
    const std::lock_guard lock{mutex_};
    return published_;
  }

  std::string client_id() {
    const std::lock_guard lock{mutex_};
    return client_id_;
  }

  std::vector<std::string> filters() {
    const std::lock_guard lock{mutex_};
    return filters_;
  }

private:
  using tcp = boost::asio::ip::tcp;

  void run() {
    while (!ended_) {
      tcp::socket client{io_};
      acceptor_.accept(client);
      {
        const std::lock_guard lock{mutex_};
        client_ = &client;
      }
      if (!ended_)
        serve(client);
      const std::lock_guard lock{mutex_};
      client_ = nullptr;
    }
  }

  void serve(tcp::socket& client) {
    std::string buffer;
    for (bool open = true; open;) {
      char part[65'536];
      boost::system::error_code failed;
      const auto size = client.read_some(boost::asio::buffer(part), failed);
      if (failed)
        return;
      buffer.append(part, size);
      const auto whole
        = tidegate::mqtt::scan_frames(buffer, std::size_t{1} << 28).complete;
      std::string out;
      tidegate::mqtt::packet_cursor packets{
        std::string_view{buffer}.substr(0, whole)};
      for (tidegate::mqtt::raw_packet raw; open && packets.next(raw);)
        open = take(raw, out);
      buffer.erase(0, whole);
      boost::asio::write(client, boost::asio::buffer(out), failed);
    }
  }

  bool take(const tidegate::mqtt::raw_packet& raw, std::string& out) {
    using namespace tidegate::mqtt;
    const std::lock_guard lock{mutex_};
    switch (raw.type) {
    case packet_type::connect:
      client_id_ = decode_connect(raw).packet.client_id;
      encode(out, answer);
      return true;
    case packet_type::publish: {
      const auto sent = decode_publish(raw).packet;
      if (takes == 0)
        return false;
      if (takes > 0)
        --takes;
      published_.push_back(std::string{sent.topic} + ' '
                           + std::string{sent.payload});
      if (acknowledges != 0)
        encode_packet_id(out, packet_type::puback, sent.packet_id);
      if (acknowledges > 0)
        --acknowledges;
      return true;
    }
    case packet_type::subscribe: {
      const auto asked = decode_subscribe(raw).packet;
      filters_.emplace_back(asked.entries.at(0).filter);
      encode(out, suback{asked.packet_id, {1}});
      return sends.empty()
             || encode(out, publish{"c/1", sends, 7, qos::at_least_once});
    }
    case packet_type::pingreq:
      encode_empty(out, packet_type::pingresp);
      return true;
    case packet_type::disconnect:
      return false;
    default:
      return true;
    }
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  tcp::socket* client_ = nullptr;
  std::string client_id_;
  std::vector<std::string> published_;
  std::vector<std::string> filters_;
  std::jthread thread_{[this] { run(); }};
};
