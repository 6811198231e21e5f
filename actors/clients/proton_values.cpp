#include "actors/clients/proton_values.hpp"

#include <proton/codec.h>

namespace tidegate {

namespace {

std::string_view current_text(pn_data_t* data) {
  pn_bytes_t bytes{};
  if (pn_data_type(data) == PN_SYMBOL)
    bytes = pn_data_get_symbol(data);
  else if (pn_data_type(data) == PN_STRING)
    bytes = pn_data_get_string(data);
  return {bytes.start, bytes.size};
}

/// What `read` makes of the value under `key`; empty when there is none.
template <class Read>
std::string find_text(pn_data_t* map, std::string_view key, Read read) {
  std::string found;
  if (!map)
    return found;
  pn_data_rewind(map);
  if (!pn_data_next(map) || pn_data_type(map) != PN_MAP)
    return found;
  const auto entries = pn_data_get_map(map);
  pn_data_enter(map);
  for (std::size_t i = 0; i + 1 < entries && pn_data_next(map); i += 2) {
    const bool wanted = current_text(map) == key;
    if (!pn_data_next(map))
      break;
    if (wanted)
      found = read(map);
  }
  pn_data_rewind(map);
  return found;
}

} // namespace

std::string text_in(pn_data_t* map, std::string_view key) {
  return find_text(map, key, current_text);
}

std::string described_text_in(pn_data_t* map, std::string_view key) {
  return find_text(map, key, [](pn_data_t* data) {
    if (pn_data_type(data) != PN_DESCRIBED)
      return std::string{current_text(data)};
    std::string found;
    pn_data_enter(data);
    if (pn_data_next(data) && pn_data_next(data)) // behind the descriptor
      found = current_text(data);
    pn_data_exit(data);
    return found;
  });
}

bool names_capability(pn_data_t* capabilities, std::string_view wanted) {
  if (!capabilities)
    return false;
  pn_data_rewind(capabilities);
  if (!pn_data_next(capabilities))
    return false;
  if (current_text(capabilities) == wanted)
    return true;
  const auto type = pn_data_type(capabilities);
  bool found = false;
  if (type == PN_ARRAY || type == PN_LIST) {
    pn_data_enter(capabilities);
    while (!found && pn_data_next(capabilities))
      found = current_text(capabilities) == wanted;
  }
  pn_data_rewind(capabilities);
  return found;
}

} // namespace tidegate
