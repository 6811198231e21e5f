#pragma once

#include "actors/uplink/link_pair.hpp"
#include "actors/uplink/link_retry.hpp"
#include "actors/uplink/link_user.hpp"
#include "messages/bytes.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <list>
#include <string>
#include <string_view>

namespace tidegate {

/// To a parent session: a method that the parent called has ended.
struct method_ended {
  identity_id target;
  std::string pair;        ///< of links that the call came over
  std::uint64_t call = 0;  ///< its number
  std::string correlation; ///< of the call, encoded
  std::int32_t status = 0;
  bytes payload;
};

/// Methods of one identity that the parent calls (edge-hub spec 2.9 and 8).
class method_links : public link_user {
public:
  method_links(dialog_tools& tools, const identity_id& id)
    : tools_{tools}, id_{id}, pair_{tools, "methods", "methods/deviceBound"} {}
  ~method_links() { close(); }
  method_links(const method_links&) = delete;
  method_links& operator=(const method_links&) = delete;

  /// The client takes calls from now on, or does not any more.
  void want(bool wanted);

  /// Sends an answer, if the links that its call came over are still there.
  void answer(const method_ended& news);

  /// Opens links that are due.
  void look_around();

  /// Links that are wanted, and for which there was no room.
  std::size_t lacking() const { return lacks_ ? 2 : 0; }
  /// There is room now.
  void take_turn();
  /// Gives the links away, for a while, unless they are in use.
  void give_turn();

  bool is_open() const { return pair_.is_open(); }

  void flowed(pn_link_t* link) override;
  void arrived(pn_delivery_t* delivery) override;
  void ended(pn_link_t* link, std::string_view condition) override;

private:
  void open();
  void close();
  void take(const bytes& encoded);
  void invoke(std::string correlation, std::string name, bytes payload);

  dialog_tools& tools_;
  const identity_id& id_;
  link_pair pair_;
  std::list<std::string> answers_; ///< encoded; they wait for credit
  link_retry retry_;
  bool wanted_ = false;
  bool lacks_ = false;
  /// Calls without an answer, by their number.
  std::map<std::uint64_t, call_ticket_ptr> under_way_;
  std::uint64_t next_call_ = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::method_ended)
