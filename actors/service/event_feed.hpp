#pragma once

#include "actors/routing/event_log.hpp"
#include "actors/routing/event_search.hpp"
#include "actors/service/service_link.hpp"
#include "messages/iothub/event_selector.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace tidegate {

/// A link on which somebody reads the event log, as from a partition of Event
/// Hubs: from a position on, as fast as credit and what is not settled allow.
/// What becomes of an event is the reader's affair: nothing is sent again.
class event_feed final : public service_link {
public:
  event_feed(service_link_context& context, pn_link_t* link,
             event_position from);

  void granted() override { pump(); }
  void decided(pn_delivery_t* delivery) override;
  void wake() override { pump(); }

private:
  void find_log();
  void find_start();
  void start_behind(std::int64_t number, std::uint64_t end);
  void search();
  void start_at(std::uint64_t offset);
  void pump();
  void read();
  void send(const stored_block& block, std::uint64_t offset);
  void fail(const caf::error& why);

  event_position from_;
  event_log_actor log_; ///< null until it is found
  std::optional<event_search> search_;
  bool started_ = false;
  bool asking_ = false;
  std::uint64_t next_ = 0; ///< the event that is sent next
  std::deque<stored_block> page_;
  std::size_t unsettled_bytes_ = 0;
  std::uint64_t next_tag_ = 0;
};

} // namespace tidegate
