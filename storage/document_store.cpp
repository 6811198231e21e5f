#include "storage/document_store.hpp"

#include "messages/ec.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace tidegate {

namespace {

namespace json = boost::json;

std::string key_of(const std::string& collection, const std::string& name) {
  return collection + '\0' + name;
}

caf::expected<json::value> decode(const std::string& collection,
                                  std::string_view name,
                                  std::string_view text) {
  boost::system::error_code failed;
  auto document = json::parse(text, failed);
  if (!failed)
    return document;
  return caf::make_error(ec::store_damaged,
                         "the document " + collection + '/' + std::string{name}
                           + " is not well formed: " + failed.message());
}

} // namespace

document_store::document_store(database_ptr db, std::string collection)
  : db_(std::move(db)), collection_(std::move(collection)) {}

caf::expected<json::value> document_store::get(const std::string& name) const {
  std::string text;
  const auto read = db_->read(partition::documents, [&](const rocks& open) {
    return open.db->Get({}, open.family(partition::documents),
                        key_of(collection_, name), &text);
  });
  if (read.IsNotFound())
    return caf::make_error(ec::not_found,
                           "there is no document " + collection_ + '/' + name);
  if (!read.ok())
    return store_error("read a document", read);
  return decode(collection_, name, text);
}

caf::expected<std::map<std::string, json::value>> document_store::all() const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const auto first = key_of(collection_, {});
  const std::unique_ptr<rocksdb::Iterator> it{
    open->db->NewIterator({}, open->family(partition::documents))};
  std::map<std::string, json::value> found;
  for (it->Seek(first); it->Valid() && it->key().starts_with(first);
       it->Next()) {
    const auto name = it->key().ToStringView().substr(first.size());
    auto document = decode(collection_, name, it->value().ToStringView());
    if (!document)
      return document.error();
    found.emplace(name, std::move(*document));
  }
  if (!it->status().ok())
    return store_error("read the documents", it->status());
  return found;
}

caf::error document_store::put(const std::string& name,
                               const json::value& document) {
  const auto text = json::serialize(document);
  if (name.size() > longest_name || text.size() > largest_document)
    return caf::make_error(
      ec::bad_argument, "the document " + collection_ + '/' + name.substr(0, 64)
                          + " is too large, or its name is");
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const auto written
    = open->db->Put(database::synced(), open->family(partition::documents),
                    key_of(collection_, name), text);
  return store_error("write a document", written);
}

caf::error document_store::remove(const std::string& name) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const auto removed
    = open->db->Delete(database::synced(), open->family(partition::documents),
                       key_of(collection_, name));
  return store_error("delete a document", removed);
}

} // namespace tidegate
