#pragma once

#include "messages/amqp/value.hpp"

#include <string>
#include <string_view>

namespace tidegate::amqp {

/// An encoded message, taken apart in place (AMQP 1.0, 3.2). Sections that
/// are absent are null values.
struct message_sections {
  /// Everything in front of the body, as it came: equal texts mean equal
  /// properties.
  std::string_view before_body;
  value annotations; ///< map: message annotations
  value properties;  ///< list: the bare properties
  value application; ///< map: application properties
  /// The data sections as they came, headers included; read them with
  /// `data_sections`.
  std::string_view body;
  std::uint32_t data_count = 0;
  /// Content of the first data section; the whole body of nearly every
  /// message.
  std::string_view first_data;
  /// The body when it is an amqp-value; null when it is something else.
  value body_value;
  bool has_body = false;
};

/// Takes `encoded` apart. On damage returns false and says in `why` what is
/// wrong. Checks the order of sections and that they fill the text; the
/// entries of maps are checked by whoever reads them.
bool split_sections(std::string_view encoded, message_sections& out,
                    std::string& why);

/// Walks the contents of data sections.
class data_sections {
public:
  explicit data_sections(const message_sections& of) : in_{of.body} {}

  /// The next content; false after the last one.
  bool next(std::string_view& content);

private:
  reader in_;
};

} // namespace tidegate::amqp
