#pragma once

#include "actors/uplink/dialog_tools.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate {

/// Two links to the parent that belong together by a correlation id: one to
/// send on, one to receive on, at most once each (edge-hub spec 2.4).
class link_pair {
public:
  /// `kind` and `resource` are texts that live for ever.
  link_pair(dialog_tools& tools, std::string_view kind,
            std::string_view resource)
    : tools_{tools}, kind_{kind}, resource_{resource} {}
  ~link_pair() { close(); }

  link_pair(const link_pair&) = delete;
  link_pair& operator=(const link_pair&) = delete;

  bool is_open() const { return sender_ != nullptr; }

  /// Which pair this is, of all that were opened.
  const std::string& correlation() const { return correlation_; }

  /// Opens both, with `credit` for the parent. False when there is no room.
  bool open(const identity_id& id, link_user& user, int credit,
            dialog_tools::purpose why);

  void close();

  /// The parent has closed `link`; the other one is closed too.
  void ended(const pn_link_t* link);

  /// Whether the parent listens on both.
  bool can_send() const;
  void send(std::string_view encoded);

private:
  dialog_tools& tools_;
  std::string_view kind_;
  std::string_view resource_;
  std::string correlation_;
  pn_link_t* receiver_ = nullptr;
  pn_link_t* sender_ = nullptr;
  std::uint64_t next_tag_ = 0;
};

} // namespace tidegate
