#include "runtime/node/open_identities.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <system_error>

namespace tidegate {

namespace {

/// Whether there is anything that a key would be needed for.
caf::expected<bool> holds_identities(const database_ptr& in) {
  const identity_store any{in,
                           std::make_shared<const seal>(std::string(32, '\0'))};
  const auto found = any.examine();
  if (!found)
    return found.error();
  return found->readable + found->damaged > 0;
}

/// A key file that holds no key: cut off, empty, or grown.
bool holds_no_key(const std::filesystem::path& key) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(key, failed);
  return !failed && size != seal::key_size;
}

caf::expected<seal_ptr> open_key(const database_ptr& in,
                                 const std::filesystem::path& key,
                                 bool learns) {
  const bool damaged = learns && holds_no_key(key);
  if (damaged) {
    auto aside = key;
    aside += ".damaged";
    std::error_code ignored;
    std::filesystem::rename(key, aside, ignored);
    log::error("identity",
               "the key file is damaged: it is set aside, a new one is made, "
               "and what was known is asked for again",
               {{"file", key.string()}, {"aside", aside.string()}});
    return seal::open(key);
  }
  if (std::filesystem::exists(key))
    return seal::open(key);
  const auto used = holds_identities(in);
  if (!used)
    return used.error();
  if (*used && !learns)
    return caf::make_error(ec::bad_argument,
                           "the key file " + key.string()
                             + " is missing, and the identities in the store "
                               "cannot be read without it");
  if (*used)
    log::error("identity",
               "the key file is missing: a new one is made, and "
               "what was known is asked for again",
               {{"file", key.string()}});
  return seal::open(key);
}

/// The first of them by name.
std::string names_of(const identity_store::state_of_records& found) {
  std::string names;
  for (const auto& id : found.names)
    names += (names.empty() ? "" : ", ") + to_string(id);
  return found.damaged > found.names.size() ? names + ", ..." : names;
}

} // namespace

caf::expected<opened_identities>
open_identities(database_ptr in, const std::filesystem::path& key, bool learns,
                quarantine* aside) {
  const auto sealed = open_key(in, key, learns);
  if (!sealed)
    return sealed.error();
  opened_identities made;
  made.key = *sealed;
  made.store = std::make_shared<identity_store>(std::move(in), *sealed);
  const auto found = made.store->examine();
  if (!found)
    return found.error();
  made.damaged = found->damaged;
  if (found->damaged == 0)
    return made;
  if (!learns && found->readable == 0)
    return caf::make_error(ec::bad_argument,
                           "the key file " + key.string()
                             + " opens none of the identities in the store");
  log::error("identity",
             learns ? "identities in the store do not open: they are set "
                      "aside, and asked for again"
                    : "identities in the store do not open: they let nobody "
                      "in until they are deleted and created again",
             {{"count", std::to_string(found->damaged)},
              {"ids", names_of(*found)},
              {"key", key.string()}});
  if (learns)
    if (const auto failed = made.store->remove_damaged(aside))
      return failed;
  return made;
}

} // namespace tidegate
