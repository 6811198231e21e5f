#pragma once

#include "messages/broker/broker_language.hpp"
#include "messages/message_head.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tidegate {

/// Writes messages as a broker gets them. Reused, because thousands of
/// messages share one head and with it one topic.
class publication_writer {
public:
  explicit publication_writer(std::shared_ptr<const broker_language> language)
    : language_{std::move(language)} {}

  /// The topic, until the next call.
  const std::string& topic_of(const head_ptr& head);

  /// What is published as payload; until the next call, or as long as
  /// `payload`.
  std::string_view payload_of(const message_head& head,
                              std::string_view payload);

private:
  std::shared_ptr<const broker_language> language_;
  head_ptr last_head_; ///< what `topic_` was written for
  std::string topic_;
  std::string document_;
};

} // namespace tidegate
