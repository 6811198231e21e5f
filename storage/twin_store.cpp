#include "storage/twin_store.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "storage/identity_key.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <rocksdb/write_batch.h>
#include <utility>

namespace tidegate {

namespace {

namespace json = boost::json;

/// Twins share the partition of documents, as a collection of their own.
const std::string prefix{"twins\0", 6};

std::string key_of(const identity_id& id) { return prefix + identity_key(id); }

identity_id id_of(std::string_view key) {
  return identity_of_key(key.substr(prefix.size()));
}

} // namespace

twin_store::twin_store(database_ptr db, seal_ptr key)
  : db_(std::move(db)), seal_(std::move(key)) {}

caf::expected<json::value> twin_store::decode(const identity_id& id,
                                              std::string_view sealed) const {
  const auto damaged = [&id](const std::string& why) {
    return caf::make_error(ec::store_damaged,
                           "the twin of " + to_string(id) + ": " + why);
  };
  const auto text = seal_->unseal(sealed, key_of(id));
  if (!text)
    return damaged(error_text(text.error()));
  boost::system::error_code failed;
  auto document = json::parse(*text, failed);
  if (failed)
    return damaged("is not well formed: " + failed.message());
  return document;
}

caf::expected<json::value> twin_store::get(const identity_id& id) const {
  std::string text;
  const auto read = db_->read(partition::documents, [&](const rocks& open) {
    return open.db->Get({}, open.family(partition::documents), key_of(id),
                        &text);
  });
  if (read.IsNotFound() && !db_->options().copies
      && db_->may_be_lost(partition::documents, key_of(id)))
    return caf::make_error(ec::store_damaged,
                           "the twin of " + to_string(id)
                             + " may have been lost with a damaged part of "
                               "the store");
  if (read.IsNotFound())
    return caf::make_error(ec::not_found, to_string(id) + " has no twin here");
  if (!read.ok())
    return store_error("read a twin", read);
  return decode(id, text);
}

std::optional<std::int64_t> twin_store::lost_at(const identity_id& id) const {
  return db_->lost_at(partition::documents, key_of(id));
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
    const auto key = key_of(id);
    rocksdb::Status added;
    if (document) {
      const auto sealed = seal_->close(json::serialize(*document), key);
      if (!sealed)
        return sealed.error();
      added = batch.Put(family, key, *sealed);
    } else {
      added = batch.Delete(family, key);
    }
    if (!added.ok())
      return store_error("write a twin", added);
  }
  return db_->write(*open, batch, database::synced());
}

caf::error twin_store::visit(const visitor& show) const {
  std::string after = prefix; // nothing is shown twice
  const auto read = db_->read(partition::documents, [&](const rocks& open) {
    const std::unique_ptr<rocksdb::Iterator> it{
      open.db->NewIterator({}, open.family(partition::documents))};
    for (it->Seek(after); it->Valid() && it->key().starts_with(prefix);
         it->Next()) {
      const auto id = id_of(it->key().ToStringView());
      show(id, decode(id, it->value().ToStringView()));
      after = it->key().ToString() + '\0';
    }
    return it->status();
  });
  return store_error("read the twins", read);
}

} // namespace tidegate
