#include "messages/amqp/section_fields.hpp"

namespace tidegate::amqp {

value property_field(const message_sections& from, std::uint32_t index) {
  reader in{from.properties.text};
  value entry;
  for (std::uint32_t i = 0; i <= index; ++i)
    if (i >= from.properties.count || !in.next(entry))
      return {};
  return entry;
}

value entry_of(const value& map, std::string_view key) {
  reader in{map.text};
  value name;
  value entry;
  while (in.next(name) && in.next(entry))
    if (name.is_text() && name.text == key)
      return entry;
  return {};
}

} // namespace tidegate::amqp
