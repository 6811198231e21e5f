#include "runtime/api/policy_book.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/policy_document.hpp"
#include "storage/private_file.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <openssl/rand.h>

namespace tidegate {

namespace {

namespace json = boost::json;

std::string new_key() {
  std::string bytes(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
             static_cast<int>(bytes.size()));
  return base64_encode(bytes);
}

void fill_in_keys(access_policy& policy) {
  for (auto* const key : {&policy.primary_key, &policy.secondary_key})
    if (key->empty())
      *key = new_key();
}

caf::error unknown(const std::string& name) {
  return caf::make_error(ec::not_found, "there is no policy `" + name + '`');
}

/// All policies of a document; nothing, with the reason in `why`.
std::optional<std::vector<access_policy>> parse(const std::string& text,
                                                std::string& why) {
  boost::system::error_code failed;
  const auto document = json::parse(text, failed);
  if (failed || !document.is_array()) {
    why = "it is not a JSON array";
    return std::nullopt;
  }
  std::vector<access_policy> all;
  for (const auto& one : document.get_array()) {
    auto policy = parse_policy_document(
      one.is_object() ? one.get_object() : json::object{}, why);
    if (!policy)
      return std::nullopt;
    all.push_back(std::move(*policy));
  }
  return all;
}

} // namespace

caf::expected<std::shared_ptr<policy_book>>
policy_book::open(std::filesystem::path file) {
  auto made = std::make_shared<policy_book>(std::move(file));
  if (auto failed = made->load())
    return failed;
  return made;
}

caf::error policy_book::load() {
  std::error_code failed;
  if (!std::filesystem::exists(file_, failed) && !failed) {
    auto all = first_policies();
    for (auto& one : all)
      fill_in_keys(one);
    return keep(std::move(all));
  }
  std::ifstream in{file_};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  std::string why = "it cannot be read";
  auto all = in ? parse(text, why) : std::nullopt;
  if (!all)
    return caf::make_error(ec::io_failed, file_.string() + ": " + why);
  board_->publish(std::move(*all));
  return {};
}

caf::error policy_book::keep(std::vector<access_policy> all) {
  json::array document;
  for (const auto& one : all)
    document.emplace_back(policy_document(one));
  if (auto failed
      = write_private_file(file_.string(), json::serialize(document) + '\n'))
    return failed;
  board_->publish(std::move(all));
  return {};
}

caf::expected<access_policy> policy_book::get(const std::string& name) const {
  const auto all = board_->current();
  if (const auto* const found = find_policy(*all, name))
    return *found;
  return unknown(name);
}

caf::expected<access_policy> policy_book::create(access_policy policy) {
  const std::lock_guard guard{changing_};
  auto all = *board_->current();
  if (find_policy(all, policy.name))
    return caf::make_error(ec::exists,
                           "there is a policy `" + policy.name + "` already");
  if (all.size() >= most_policies)
    return caf::make_error(ec::refused, "a hub has at most "
                                          + std::to_string(most_policies)
                                          + " policies");
  fill_in_keys(policy);
  all.push_back(policy);
  if (auto failed = keep(std::move(all)))
    return failed;
  return policy;
}

caf::expected<access_policy> policy_book::renew(const std::string& name,
                                                policy_key which) {
  const std::lock_guard guard{changing_};
  auto all = *board_->current();
  const auto* const found = find_policy(all, name);
  if (!found)
    return unknown(name);
  auto& policy = all[static_cast<std::size_t>(found - all.data())];
  (which == policy_key::primary ? policy.primary_key : policy.secondary_key)
    = new_key();
  auto made = policy;
  if (auto failed = keep(std::move(all)))
    return failed;
  return made;
}

caf::error policy_book::remove(const std::string& name) {
  const std::lock_guard guard{changing_};
  auto all = *board_->current();
  const auto* const found = find_policy(all, name);
  if (!found)
    return unknown(name);
  all.erase(all.begin() + (found - all.data()));
  return keep(std::move(all));
}

} // namespace tidegate
