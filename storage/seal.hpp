#pragma once

#include <caf/expected.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tidegate {

/// Seals records so that only who has the key file can read or make them:
/// AES-256-GCM with a fresh random nonce for each record. Thread-safe.
class seal {
public:
  static constexpr std::size_t key_size = 32;

  /// Takes the key in the file at `path`, made (32 random bytes, mode 0600)
  /// when there is none and `may_make` says so. `ec::bad_argument` names the
  /// file and what is wrong: missing, of another size, or readable by others.
  static caf::expected<std::shared_ptr<const seal>>
  open(const std::filesystem::path& path, bool may_make = true);

  /// `key` has 32 bytes.
  explicit seal(std::string key) : key_{std::move(key)} {}
  ~seal();
  seal(const seal&) = delete;
  seal& operator=(const seal&) = delete;

  /// `text` sealed for the place `place`: what is moved elsewhere does not
  /// open. Nothing but `ec::store_failed` when there is no randomness.
  caf::expected<std::string> close(std::string_view text,
                                   std::string_view place) const;

  /// The text again; `ec::store_damaged` when it was not sealed with this key
  /// for this place, or is damaged.
  caf::expected<std::string> unseal(std::string_view sealed,
                                    std::string_view place) const;

private:
  std::string key_;
};

using seal_ptr = std::shared_ptr<const seal>;

} // namespace tidegate
