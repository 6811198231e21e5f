#pragma once

#include "messages/message_head.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tidegate {

/// Encodes what goes to the parent: one message, or several as one batch
/// (edge-hub spec 2.6). Reused, so that encoding does not allocate.
class upstream_batch {
public:
  void clear();

  std::size_t count() const { return count_; }
  std::size_t size() const { return encoded_.size(); }

  /// Whether a further message still fits into what a parent takes.
  bool fits(const head_ptr& head, std::string_view payload);

  /// Adds a message to a batch.
  void add(const head_ptr& head, std::string_view payload);

  /// Becomes one message that is no batch.
  void set_single(const head_ptr& head, std::string_view payload);

  std::string_view encoded() const { return encoded_; }

private:
  const std::string& front_of(const head_ptr& head);
  void append(const head_ptr& head, std::string_view payload);

  std::string encoded_;
  std::size_t count_ = 0;
  head_ptr last_head_; ///< what `front_` was written for
  std::string front_;
  std::string data_header_;
};

} // namespace tidegate
