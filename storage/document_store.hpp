#pragma once

#include "storage/database.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <string>

namespace tidegate {

/// Small named JSON documents: restart state of modules, durable sessions of
/// clients, what the node has to remember about itself. Each user has a
/// collection of its own. Every change is synced before the call returns.
/// Thread-safe.
class document_store {
public:
  static constexpr std::size_t longest_name = 1024;
  static constexpr std::size_t largest_document = std::size_t{1} << 20;

  /// `collection` must not contain a zero byte.
  document_store(database_ptr db, std::string collection);

  /// `ec::not_found` if there is none.
  caf::expected<boost::json::value> get(const std::string& name) const;

  /// All documents of the collection.
  caf::expected<std::map<std::string, boost::json::value>> all() const;

  /// Adds or replaces a document. `ec::bad_argument` beyond the limits.
  caf::error put(const std::string& name, const boost::json::value& document);

  /// Removing what is not there is no error.
  caf::error remove(const std::string& name);

private:
  database_ptr db_;
  std::string collection_;
};

} // namespace tidegate
