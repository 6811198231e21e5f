#pragma once

#include "messages/store_messages.hpp"

#include <vector>

namespace tidegate {

/// Settlements on their way into the next group. Those of one lane that
/// follow each other become one, so that little is held, and written, however
/// many routes settle and however long the disk takes.
class settlements {
public:
  void add(const settle_lane& next);

  bool empty() const { return waiting_.empty(); }

  /// Everything added so far, in order per lane.
  std::vector<settle_lane> take();

  /// Puts back what could not be written.
  void put_back(std::vector<settle_lane> earlier);

private:
  std::vector<settle_lane> waiting_;
};

} // namespace tidegate
