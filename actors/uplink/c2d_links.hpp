#pragma once

#include "actors/uplink/dialog_tools.hpp"
#include "actors/uplink/link_retry.hpp"
#include "actors/uplink/link_user.hpp"
#include "messages/c2d_messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// Messages of the parent for one device (edge-hub spec 2.7 and 6.5). What is
/// under way stays unsettled until its outcome is known here; the parent holds
/// it locked.
class c2d_links : public link_user {
public:
  c2d_links(dialog_tools& tools, const identity_id& id)
    : tools_{tools}, id_{id} {}
  ~c2d_links() { tools_.close_link(link_); }

  c2d_links(const c2d_links&) = delete;
  c2d_links& operator=(const c2d_links&) = delete;

  /// The device takes messages from now on, or does not any more.
  void want(bool wanted);

  /// The device has decided about one of them.
  void decided(const c2d_decided& news);

  /// Opens a link that is due.
  void look_around();

  /// As in `method_links`.
  std::size_t lacking() const { return lacks_ ? 1 : 0; }
  void take_turn();
  void give_turn();

  bool is_open() const { return link_ != nullptr; }

  void flowed(pn_link_t*) override {}
  void arrived(pn_delivery_t* delivery) override;
  void ended(pn_link_t* link, std::string_view condition) override;

private:
  struct locked {
    std::string token;
    pn_delivery_t* delivery;
  };

  void open();
  void take(pn_delivery_t* delivery, const bytes& encoded);

  dialog_tools& tools_;
  const identity_id& id_;
  pn_link_t* link_ = nullptr;
  std::vector<locked> under_way_;
  link_retry retry_;
  bool wanted_ = false;
  bool lacks_ = false;
};

} // namespace tidegate
