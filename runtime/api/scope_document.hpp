#pragma once

#include "actors/identity/scope_source.hpp"

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <string>
#include <string_view>

namespace tidegate {

/// `devices`, `modules` and where the next page begins (edge-hub spec 3.7).
boost::json::object scope_document(const std::vector<identity>& page,
                                   const std::string& next = {});

/// The identities of such a document, in any order; what is not well formed
/// is left out.
std::vector<identity> scope_identities(const boost::json::object& from);

/// What changed in a scope, as Tidegate tells it: a scope document with
/// `revision`, `everything` and the ids in `removed`.
boost::json::object news_document(const scope_news& of);

/// Reads that form; `ec::not_found` when it is something else.
scope_news read_news(const boost::json::object& from);

} // namespace tidegate
