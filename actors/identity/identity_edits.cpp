#include "actors/identity/identity_edits.hpp"

#include "actors/identity/identity_change.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"

#include <openssl/rand.h>

namespace tidegate {

namespace {

std::string random_key() {
  std::string bytes(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
             static_cast<int>(bytes.size()));
  return base64_encode(bytes);
}

/// Makes the keys that are missing.
identity with_keys(identity value) {
  if (value.credential == credential_kind::symmetric_key) {
    if (value.primary_key.empty())
      value.primary_key = random_key();
    if (value.secondary_key.empty())
      value.secondary_key = random_key();
  }
  return value;
}

/// What forbids this identity besides what the store checks, or nothing.
caf::error check(const identities_state& state, const identity& value) {
  for (const auto& key : {value.primary_key, value.secondary_key})
    if (!key.empty() && !base64_decode(key))
      return caf::make_error(ec::bad_argument, "a key must be base64");
  if (value.credential == credential_kind::thumbprint
      && value.primary_thumbprint.empty() && value.secondary_thumbprint.empty())
    return caf::make_error(ec::bad_argument,
                           "a certificate's thumbprint is needed");
  if (value.parent.empty())
    return {};
  if (value.id.device == value.parent)
    return caf::make_error(ec::bad_argument,
                           "a device cannot be its own parent");
  const auto parent = state.find({value.parent, {}});
  if (parent && parent->edge)
    return {};
  return caf::make_error(ec::bad_argument, "the parent `" + value.parent
                                             + "` is not an edge device");
}

caf::expected<identity> create(identities_state& state, identity value) {
  auto& store = *state.context.store;
  auto made = store.create(with_keys(std::move(value)));
  if (!made || !made->edge)
    return made;
  for (const auto* name : {"$edgeAgent", "$edgeHub"}) {
    identity part;
    part.id = {made->id.device, name};
    part.managed_by = "IotEdge";
    auto created = store.create(with_keys(std::move(part)));
    if (!created)
      return created.error();
    announce_change(state, std::nullopt, *created);
  }
  return made;
}

caf::expected<identity> update(identities_state& state,
                               const put_identity& wish) {
  auto value = with_keys(wish.value);
  value.etag = wish.if_match;
  return state.context.store->update(std::move(value));
}

caf::result<std::vector<identity>> list_device(const identities_state& state,
                                               const list_identities& wish) {
  auto device = state.context.store->get({wish.device, {}});
  if (!device)
    return std::vector<identity>{};
  if (!wish.behind.empty()
      && !reached_through(wish.behind, wish.device, state.lookup()))
    return std::vector<identity>{};
  auto all = state.context.store->modules(wish.device);
  if (!all)
    return all.error();
  all->insert(all->begin(), std::move(*device));
  return std::move(*all);
}

/// Whether `wish` is for `one`, which is somewhere in the registry.
bool is_wanted(const identities_state& state, const identity& one,
               const list_identities& wish) {
  if (wish.behind.empty() || one.id.device == wish.behind)
    return true;
  if (!wish.directly)
    return reached_through(wish.behind, one.id.device, state.lookup());
  const auto device = one.id.is_module() ? state.find({one.id.device, {}})
                                         : std::optional<identity>{one};
  if (!device || device->parent != wish.behind)
    return false;
  return !(device->edge && one.id.is_module());
}

} // namespace

caf::result<identity> put(identities_state& state, const put_identity& wish) {
  if (auto problem = check(state, wish.value))
    return problem;
  const auto before = state.find(wish.value.id);
  auto made = wish.must_exist ? update(state, wish) : create(state, wish.value);
  if (!made)
    return made.error();
  announce_change(state, before, *made);
  return std::move(*made);
}

caf::result<identity> remove(identities_state& state,
                             const delete_identity& wish) {
  const auto& id = wish.id;
  auto& store = *state.context.store;
  auto before = store.get(id);
  if (!before && before.error() != ec::store_damaged)
    return before.error();
  std::vector<identity> ended;
  if (!id.is_module())
    if (auto modules = store.modules(id.device))
      ended = std::move(*modules);
  if (auto failed = store.remove(id, wish.if_match))
    return failed;
  if (!before) { // it did not open: nothing is known but its name
    before = identity{};
    before->id = id;
  }
  ended.push_back(*before);
  for (const auto& gone : ended)
    announce_change(state, gone, std::nullopt);
  return std::move(*before);
}

caf::result<std::vector<identity>> list(const identities_state& state,
                                        const list_identities& wish) {
  if (!wish.device.empty())
    return list_device(state, wish);
  std::vector<identity> all;
  auto after = parse_identity_id(wish.after);
  while (all.size() < wish.most) {
    auto page = state.context.store->list(wish.most, after);
    if (!page)
      return page.error();
    for (auto& one : *page)
      if (all.size() < wish.most && is_wanted(state, one, wish))
        all.push_back(one);
    if (page->size() < wish.most)
      break;
    after = page->back().id;
  }
  return all;
}

} // namespace tidegate
