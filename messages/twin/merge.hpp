#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace tidegate::twin {

/// What a null in a patch does to the document it is merged into.
enum class nulls {
  remove, ///< its member goes: a document stays free of them
  keep    ///< it stays a null: two patches become one
};

/// `base` as changed by `patch` (edge-hub spec 7.4). Objects are merged, all
/// else, arrays too, is replaced. Nulls inside an object that `base` does not
/// have stay nulls.
boost::json::object merge(boost::json::object base,
                          const boost::json::object& patch, nulls how);

/// The patch that makes `to` out of `from`; empty when they are equal.
boost::json::object diff(const boost::json::object& from,
                         const boost::json::object& to);

/// `patch` as the texts of patches of at most `limit` bytes each, to be merged
/// in any order. What is larger and cannot be divided, a text or an array,
/// stays whole.
std::vector<std::string> split(const boost::json::object& patch,
                               std::size_t limit);

} // namespace tidegate::twin
