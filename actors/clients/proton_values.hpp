#pragma once

#include <string>
#include <string_view>

struct pn_data_t;
struct pn_delivery_t;

namespace tidegate {

/// The text under `key` in a map, such as a link's properties; empty when
/// there is none.
std::string text_in(pn_data_t* map, std::string_view key);

/// The same where the text may be described, as in the filters of a source.
std::string described_text_in(pn_data_t* map, std::string_view key);

/// Whether a list, array or single symbol of capabilities names `wanted`.
/// Null is an absent list.
bool names_capability(pn_data_t* capabilities, std::string_view wanted);

} // namespace tidegate
