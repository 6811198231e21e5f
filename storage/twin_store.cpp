#include "storage/twin_store.hpp"

#include "messages/ec.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <rocksdb/write_batch.h>
#include <utility>

namespace tidegate {

namespace {

namespace json = boost::json;

/// Twins share the partition of documents, as a collection of their own.
const std::string prefix{"twins\0", 6};

std::string key_of(const identity_id& id) {
  return prefix + id.device + '\0' + id.module;
}

identity_id id_of(std::string_view key) {
  key.remove_prefix(prefix.size());
  const auto end = key.find('\0');
  if (end == std::string_view::npos)
    return {std::string{key}, {}};
  return {std::string{key.substr(0, end)}, std::string{key.substr(end + 1)}};
}

/// What is written for a document, and back; the one place that knows.
std::string encode(const json::object& document) {
  return json::serialize(document);
}

caf::expected<json::value> decode(const identity_id& id,
                                  std::string_view text) {
  boost::system::error_code failed;
  auto document = json::parse(text, failed);
  if (!failed)
    return document;
  return caf::make_error(ec::store_damaged,
                         "the twin of " + to_string(id)
                           + " is not well formed: " + failed.message());
}

} // namespace

twin_store::twin_store(database_ptr db) : db_(std::move(db)) {}

caf::expected<json::value> twin_store::get(const identity_id& id) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  std::string text;
  const auto read
    = open->db->Get({}, open->family(partition::documents), key_of(id), &text);
  if (read.IsNotFound())
    return caf::make_error(ec::not_found, to_string(id) + " has no twin here");
  if (!read.ok())
    return store_error("read a twin", read);
  return decode(id, text);
}

caf::error twin_store::write(const std::vector<twin_write>& changes) {
  if (changes.empty())
    return {};
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto* const family = open->family(partition::documents);
  rocksdb::WriteBatch batch;
  for (const auto& [id, document] : changes) {
    const auto added = document
                         ? batch.Put(family, key_of(id), encode(*document))
                         : batch.Delete(family, key_of(id));
    if (!added.ok())
      return store_error("write a twin", added);
  }
  return db_->write(*open, batch, database::synced());
}

caf::error twin_store::visit(const visitor& show) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const std::unique_ptr<rocksdb::Iterator> it{
    open->db->NewIterator({}, open->family(partition::documents))};
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix);
       it->Next()) {
    const auto id = id_of(it->key().ToStringView());
    show(id, decode(id, it->value().ToStringView()));
  }
  return store_error("read the twins", it->status());
}

} // namespace tidegate
