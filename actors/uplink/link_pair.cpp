#include "actors/uplink/link_pair.hpp"

#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/link.h>

namespace tidegate {

bool link_pair::open(const identity_id& id, link_user& user, int credit,
                     dialog_tools::purpose why) {
  if (!tools_.make_room(2, why))
    return false;
  correlation_ = tools_.guids.next();
  link_opener::wish wish{id, resource_, true,
                         link_opener::settlement::at_most_once,
                         std::string{kind_} + ':' + correlation_};
  // The parent is to have a way to answer before it is asked.
  receiver_ = tools_.open_link(wish, user);
  pn_link_flow(receiver_, credit);
  wish.receives = false;
  sender_ = tools_.open_link(wish, user);
  return true;
}

void link_pair::close() {
  tools_.close_link(receiver_);
  tools_.close_link(sender_);
}

void link_pair::ended(const pn_link_t* link) {
  tools_.link_ended(link == receiver_ ? receiver_ : sender_);
  close();
}

bool link_pair::can_send() const {
  return sender_ && pn_link_credit(sender_) > 0
         && (pn_link_state(receiver_) & PN_REMOTE_ACTIVE) != 0;
}

void link_pair::send(std::string_view encoded) {
  const auto tag = std::to_string(next_tag_++);
  auto* const delivery = pn_delivery(sender_, pn_dtag(tag.data(), tag.size()));
  pn_link_send(sender_, encoded.data(), encoded.size());
  pn_delivery_settle(delivery);
  pn_link_advance(sender_);
}

} // namespace tidegate
