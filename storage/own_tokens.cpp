#include "storage/own_tokens.hpp"

#include "messages/ec.hpp"
#include "storage/identity_key.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace tidegate {

namespace {

/// They share the partition of documents, as a collection of their own.
const std::string prefix{"own-tokens\0", 11};

std::string key_of(const identity_id& id) { return prefix + identity_key(id); }

identity_id id_of(std::string_view key) {
  return identity_of_key(key.substr(prefix.size()));
}

/// `expires text`.
std::string text_of(const own_token& token) {
  return std::to_string(token.expires) + ' ' + token.text;
}

std::optional<own_token> read(std::string_view record) {
  own_token token;
  const auto* const end = record.data() + record.size();
  const auto [at, failed] = std::from_chars(record.data(), end, token.expires);
  if (failed != std::errc{} || at == end || *at != ' ')
    return std::nullopt;
  token.text.assign(at + 1, end);
  return token;
}

} // namespace

caf::expected<std::shared_ptr<own_tokens>>
own_tokens::open(database_ptr db, seal_ptr key, quarantine* aside) {
  std::shared_ptr<own_tokens> made{
    new own_tokens{std::move(db), std::move(key)}};
  if (const auto failed = made->load(aside))
    return failed;
  return made;
}

caf::error own_tokens::load(quarantine* aside) {
  std::map<std::string, std::string> damaged;
  const auto loaded = db_->read(partition::documents, [&](const rocks& open) {
    known_.clear();
    damaged.clear();
    const std::unique_ptr<rocksdb::Iterator> it{
      open.db->NewIterator({}, open.family(partition::documents))};
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix);
         it->Next()) {
      const auto text
        = seal_->unseal(it->value().ToStringView(), it->key().ToStringView());
      if (const auto token = text ? read(*text) : std::nullopt)
        known_.emplace(id_of(it->key().ToStringView()), *token);
      else
        damaged.emplace(it->key().ToString(), it->value().ToString());
    }
    return it->status();
  });
  if (!loaded.ok())
    return store_error("read the tokens of clients", loaded);
  damaged_ = damaged.size();
  for (const auto& [key, record] : damaged) {
    const auto id = id_of(key);
    if (aside)
      aside->keep("token-" + to_string(id), record, "it does not open");
    if (auto failed = write(id, {}))
      return failed;
    known_.emplace(id, own_token{});
  }
  return {};
}

std::optional<own_token> own_tokens::find(const identity_id& id) const {
  const std::lock_guard guard{mutex_};
  const auto found = known_.find(id);
  return found == known_.end() ? std::nullopt : std::optional{found->second};
}

bool own_tokens::may_be_lost(const identity_id& id) const {
  return !find(id) && db_->may_be_lost(partition::documents, key_of(id));
}

caf::error own_tokens::make_room(std::int64_t now) {
  const auto first = std::min_element(
    known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.expires < b.second.expires;
    });
  if (first->second.expires >= now)
    return caf::make_error(ec::refused,
                           "too many clients come by tokens of their own");
  if (auto failed = erase(first->first))
    return failed;
  known_.erase(first);
  return {};
}

caf::error own_tokens::put(const identity_id& id, const own_token& token,
                           std::int64_t now) {
  const std::lock_guard guard{mutex_};
  const auto known = known_.find(id);
  if (known != known_.end() && known->second == token)
    return {};
  if (known == known_.end() && known_.size() >= most)
    if (auto failed = make_room(now))
      return failed;
  if (auto failed = write(id, token))
    return failed;
  known_.insert_or_assign(id, token);
  return {};
}

caf::error own_tokens::write(const identity_id& id, const own_token& token) {
  const auto key = key_of(id);
  const auto sealed = seal_->close(text_of(token), key);
  if (!sealed)
    return sealed.error();
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  return store_error("write the token of a client",
                     open->db->Put(database::synced(),
                                   open->family(partition::documents), key,
                                   *sealed));
}

caf::error own_tokens::remove(const identity_id& id) {
  const std::lock_guard guard{mutex_};
  if (!known_.contains(id))
    return {};
  if (auto failed = erase(id))
    return failed;
  known_.erase(id);
  return {};
}

caf::error own_tokens::erase(const identity_id& id) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  return store_error("remove the token of a client",
                     open->db->Delete(database::synced(),
                                      open->family(partition::documents),
                                      key_of(id)));
}

} // namespace tidegate
