#pragma once

#include "messages/identity_id.hpp"

#include <boost/json/object.hpp>
#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidegate::twin {

/// The clients that a node reports of itself (edge-hub spec 10.3), as many as
/// have room: those that are connected first, then those whose last change is
/// the latest. A change costs the same however many clients there are.
class client_list {
public:
  /// How many there are.
  struct counts {
    std::size_t known = 0;     ///< that are connected, or remembered
    std::size_t connected = 0; ///< of these
    std::size_t shown = 0;     ///< of those that are known

    bool operator==(const counts&) const = default;
  };

  /// `room` is for the text of what is shown, in bytes.
  explicit client_list(std::size_t room) : room_{room} {}

  /// `now` is an ISO 8601 text.
  void connected(const identity_id& client, const std::string& now);
  /// A module is remembered, a leaf device is not.
  void disconnected(const identity_id& client, const std::string& now);

  bool changed() const { return !dirty_.empty() || !gone_.empty(); }
  /// What is to change where these were reported: null for who is not shown
  /// any more.
  boost::json::object take_changes();
  /// Nothing is where it was reported.
  void forget_reported();

  counts count() const;

private:
  struct entry {
    identity_id id;
    std::string name; ///< of its property
    std::string came; ///< when it connected last; empty: never
    std::string went; ///< when it disconnected last
    bool connected = false;
    bool shown = false;
    bool reported = false;
    bool dirty = false;
  };
  using entries = std::list<entry>; ///< the latest change first
  using place = entries::iterator;

  entries& list_of(const entry& one);
  void move(place one, bool shown, bool first);
  void mark(entry& one);
  void show(place one);
  void fill();
  static std::size_t size_of(const entry& one);

  std::size_t room_;
  std::size_t used_ = 0;
  std::unordered_map<identity_id, place> known_;
  entries shown_connected_, shown_gone_, hidden_connected_, hidden_gone_;
  std::vector<identity_id> dirty_; ///< perhaps gone meanwhile
  std::vector<std::string> gone_;  ///< names that were reported
};

} // namespace tidegate::twin
