#include "storage/identity_store.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/identity_document.hpp"
#include "storage/identity_key.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <limits>
#include <random>
#include <utility>

namespace tidegate {

namespace {

namespace json = boost::json;

std::string end_of_device(const std::string& device) { return device + '\1'; }

std::string new_etag() {
  std::random_device entropy;
  std::string bytes(9, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(entropy());
  return base64_encode(bytes);
}

/// A number as Azure IoT Hub gives them: 18 digits, growing with time.
std::string new_generation() {
  using ticks = std::chrono::duration<std::int64_t, std::ratio<1, 100'000'000>>;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<ticks>(now).count());
}

caf::error with_id(ec code, const identity_id& id, std::string_view what) {
  return caf::make_error(code, to_string(id) + ": " + std::string{what});
}

caf::error check_ids(const identity_id& id) {
  if (!valid_id(id.device) || (id.is_module() && !valid_id(id.module)))
    return with_id(ec::bad_argument, id,
                   "an id is 1 to 128 letters, digits or -:.+%_#*?!(),=@$'");
  return {};
}

} // namespace

identity_store::identity_store(database_ptr db, seal_ptr key)
  : db_(std::move(db)), seal_(std::move(key)) {}

caf::expected<identity> identity_store::decode(std::string_view key,
                                               std::string_view sealed) const {
  const auto text = seal_->unseal(sealed, key);
  if (!text)
    return text.error();
  boost::system::error_code failed;
  const auto document = json::parse(*text, failed);
  std::string why = "no JSON object";
  if (!failed && document.is_object())
    if (auto known = parse_identity_document(document.get_object(), why))
      return *known;
  return caf::make_error(ec::store_damaged,
                         "an identity in the store is not well formed: " + why);
}

caf::expected<identity_store::state_of_records>
identity_store::examine() const {
  state_of_records found;
  const auto read = db_->read(partition::identities, [&](const rocks& open) {
    constexpr std::size_t most_names = 10;
    found = {};
    const std::unique_ptr<rocksdb::Iterator> it{
      open.db->NewIterator({}, open.family(partition::identities))};
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const auto key = it->key().ToStringView();
      if (decode(key, it->value().ToStringView())) {
        ++found.readable;
      } else if (found.damaged++ < most_names) {
        found.names.push_back(identity_of_key(key));
      }
    }
    return it->status();
  });
  if (!read.ok())
    return store_error("read the identities", read);
  return found;
}

caf::error identity_store::remove_damaged(quarantine* aside) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto* const family = open->family(partition::identities);
  const std::unique_ptr<rocksdb::Iterator> it{
    open->db->NewIterator({}, family)};
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto known
      = decode(it->key().ToStringView(), it->value().ToStringView());
    if (known)
      continue;
    if (aside)
      aside->keep("identity-" + it->key().ToString(),
                  it->value().ToStringView(), error_text(known.error()));
    const auto removed
      = open->db->Delete(database::synced(), family, it->key());
    if (!removed.ok())
      return store_error("remove an identity", removed);
  }
  return store_error("read the identities", it->status());
}

caf::expected<identity> identity_store::create(identity wanted) {
  if (auto error = check_ids(wanted.id))
    return error;
  const auto present = record(wanted.id);
  if (!present)
    return present.error();
  if (*present) {
    if (const auto known = decode(identity_key(wanted.id), **present); !known)
      return known.error();
    return with_id(ec::exists, wanted.id, "exists already");
  }
  if (wanted.id.is_module())
    if (const auto device = get({wanted.id.device, {}}); !device)
      return device.error();
  wanted.generation = new_generation();
  wanted.etag = new_etag();
  if (auto error = put(wanted))
    return error;
  return wanted;
}

caf::expected<std::optional<std::string>>
identity_store::record(const identity_id& id) const {
  std::string text;
  const auto read = db_->read(partition::identities, [&](const rocks& open) {
    return open.db->Get({}, open.family(partition::identities),
                        identity_key(id), &text);
  });
  if (read.IsNotFound())
    return std::optional<std::string>{};
  if (!read.ok())
    return store_error("read an identity", read);
  return std::optional{std::move(text)};
}

caf::expected<identity> identity_store::get(const identity_id& id) const {
  const auto found = record(id);
  if (!found)
    return found.error();
  if (*found)
    return decode(identity_key(id), **found);
  if (!db_->options().copies
      && db_->may_be_lost(partition::identities, identity_key(id)))
    return with_id(ec::store_damaged, id,
                   "may have been lost with a damaged part of the store");
  return with_id(ec::not_found, id, "is not known here");
}

caf::expected<std::vector<identity>>
identity_store::list(std::size_t limit, const identity_id& after) const {
  // The empty text is the one key that comes directly behind.
  return scan(after.device.empty() ? std::string{} : identity_key(after) + '\0',
              {}, limit);
}

caf::expected<std::vector<identity>>
identity_store::modules(const std::string& device) const {
  return scan(identity_key({device, {}}) + '\0', end_of_device(device),
              std::numeric_limits<std::size_t>::max());
}

caf::expected<std::vector<identity>>
identity_store::scan(const std::string& from, const std::string& to,
                     std::size_t limit) const {
  std::vector<identity> all;
  const auto read = db_->read(partition::identities, [&](const rocks& open) {
    all.clear();
    const rocksdb::Slice end{to};
    rocksdb::ReadOptions options;
    if (!to.empty())
      options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> it{
      open.db->NewIterator(options, open.family(partition::identities))};
    for (it->Seek(from); it->Valid() && all.size() < limit; it->Next())
      if (auto known
          = decode(it->key().ToStringView(), it->value().ToStringView()))
        all.push_back(std::move(*known));
    return it->status();
  });
  if (!read.ok())
    return store_error("read the identities", read);
  return all;
}

caf::expected<identity> identity_store::update(identity wanted) {
  const auto present = get(wanted.id);
  if (!present)
    return present.error();
  if (!wanted.etag.empty() && wanted.etag != present->etag)
    return with_id(ec::stale, wanted.id, "has changed meanwhile");
  wanted.generation = present->generation;
  wanted.etag = new_etag();
  if (auto error = put(wanted))
    return error;
  return wanted;
}

caf::error identity_store::remove(const identity_id& id,
                                  const std::string& etag) {
  const auto present = record(id);
  if (!present)
    return present.error();
  if (!*present)
    return get(id).error();
  if (const auto known = decode(identity_key(id), **present);
      !etag.empty() && (!known || etag != known->etag))
    return with_id(ec::stale, id, "has changed meanwhile");
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto* const family = open->family(partition::identities);
  const auto removed
    = id.is_module()
        ? open->db->Delete(database::synced(), family, identity_key(id))
        : open->db->DeleteRange(database::synced(), family, identity_key(id),
                                end_of_device(id.device));
  return store_error("remove an identity", removed);
}

caf::error identity_store::put(const identity& known) {
  if (auto error = check_ids(known.id))
    return error;
  const auto key = identity_key(known.id);
  const auto sealed
    = seal_->close(json::serialize(identity_document(known)), key);
  if (!sealed)
    return sealed.error();
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const auto written = open->db->Put(
    database::synced(), open->family(partition::identities), key, *sealed);
  return store_error("write an identity", written);
}

} // namespace tidegate
