#include "actors/uplink/link_opener.hpp"

#include "actors/uplink/link_user.hpp"
#include "actors/uplink/uplink_context.hpp"
#include "messages/iothub/percent.hpp"

#include <proton/codec.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>

#include <algorithm>

namespace tidegate {

namespace {

/// Largest message that the parent may send.
constexpr std::uint64_t largest_message = 1'048'576;

/// Of the service, as SDKs of today name it. IoT Hub wants one for twins.
constexpr std::string_view api_version = "2021-04-12";

/// A parent takes 64 sessions on a connection; some are left for others.
constexpr std::size_t most_sessions = 48;
constexpr std::size_t most_links_of_session = 1000;

std::string address_of(const link_opener::wish& what) {
  auto address = "/devices/" + percent_encode(what.id.device);
  if (what.id.is_module())
    address += "/modules/" + percent_encode(what.id.module);
  return address.append("/").append(what.resource);
}

void put_text(pn_data_t* map, std::string_view key, std::string_view text) {
  if (text.empty())
    return;
  pn_data_put_symbol(map, pn_bytes(key.size(), key.data()));
  pn_data_put_string(map, pn_bytes(text.size(), text.data()));
}

void set_settlement(pn_link_t* link, link_opener::settlement how) {
  using settlement = link_opener::settlement;
  pn_link_set_snd_settle_mode(
    link, how == settlement::at_most_once ? PN_SND_SETTLED : PN_SND_UNSETTLED);
  pn_link_set_rcv_settle_mode(
    link, how == settlement::exactly_once ? PN_RCV_SECOND : PN_RCV_FIRST);
}

} // namespace

pn_link_t* link_opener::open(const wish& what, link_user& user) {
  auto name = std::string{what.resource}.append("-").append(
    std::to_string(next_name_++));
  auto& in = session_with_room();
  auto* const link = what.receives ? pn_receiver(in.of, name.c_str())
                                   : pn_sender(in.of, name.c_str());
  ++in.links;
  pn_link_set_context(link, &user);
  pn_terminus_set_address(what.receives ? pn_link_source(link)
                                        : pn_link_target(link),
                          address_of(what).c_str());
  if (what.receives)
    pn_link_set_max_message_size(link, largest_message);
  set_settlement(link, what.settles);
  auto* const properties = pn_link_properties(link);
  pn_data_put_map(properties);
  pn_data_enter(properties);
  put_text(properties, "com.microsoft:client-version",
           "tidegate/" TIDEGATE_VERSION);
  put_text(properties, "com.microsoft:api-version", api_version);
  const bool own_token = guests_.has(what.id);
  if (!own_token)
    put_text(properties, "com.microsoft:auth-chain",
             to_string(what.id) + ';' + context_.device);
  put_text(properties, "com.microsoft:channel-correlation-id",
           what.correlation);
  put_text(properties, "com.microsoft:model-id", what.model_id);
  pn_data_exit(properties);
  ++count_;
  if (own_token)
    guests_.open(what.id, link);
  else
    open_now(link);
  return link;
}

link_opener::loaded_session& link_opener::session_with_room() {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [](const loaded_session& one) {
                                    return one.links < most_links_of_session;
                                  });
  if (found != sessions_.end())
    return *found;
  if (sessions_.size() < most_sessions) {
    auto* const made = pn_session(pn_session_connection(sessions_.front().of));
    pn_session_open(made);
    return sessions_.emplace_back(loaded_session{made, 0});
  }
  return *std::min_element(
    sessions_.begin(), sessions_.end(),
    [](const loaded_session& a, const loaded_session& b) {
      return a.links < b.links;
    });
}

void link_opener::forget(pn_link_t* link) {
  --count_;
  const auto* const in = pn_link_session(link);
  for (auto& one : sessions_)
    if (one.of == in)
      --one.links;
}

void link_opener::open_now(pn_link_t* link) {
  pn_link_open(link);
  ++unanswered_;
}

void link_opener::close(pn_link_t* link) {
  forget(link);
  pn_link_set_context(link, nullptr);
  if (guests_.closed(link))
    pn_link_free(link);
  else
    pn_link_close(link);
}

link_user* user_of(pn_link_t* link) {
  return static_cast<link_user*>(pn_link_get_context(link));
}

} // namespace tidegate
