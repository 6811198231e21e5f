#pragma once

#include "actors/identity/policy_board.hpp"

#include <caf/expected.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

namespace tidegate {

enum class policy_key { primary, secondary };

/// The shared access policies of a hub, in a file that only its owner can
/// read. Every change is on disk, and in force, before the call returns.
/// Thread-safe; changes wait for the disk.
class policy_book {
public:
  /// As many as IoT Hub has at most.
  static constexpr std::size_t most_policies = 100;

  /// Reads `file`, or makes it, with the policies that a hub starts with and
  /// new keys. The error names the file.
  static caf::expected<std::shared_ptr<policy_book>>
  open(std::filesystem::path file);

  explicit policy_book(std::filesystem::path file) : file_{std::move(file)} {}

  /// What is in force.
  const std::shared_ptr<policy_board>& board() const { return board_; }

  /// `ec::not_found`.
  caf::expected<access_policy> get(const std::string& name) const;

  /// Adds a policy; keys that it has not are made. `ec::exists`,
  /// `ec::refused` past the limit.
  caf::expected<access_policy> create(access_policy policy);

  /// Makes a new key. `ec::not_found`.
  caf::expected<access_policy> renew(const std::string& name, policy_key which);

  /// `ec::not_found`.
  caf::error remove(const std::string& name);

private:
  caf::error load();
  caf::error keep(std::vector<access_policy> all);

  std::filesystem::path file_;
  std::shared_ptr<policy_board> board_ = std::make_shared<policy_board>();
  std::mutex changing_;
};

} // namespace tidegate
