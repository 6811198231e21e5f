#include "messages/deployment/module_spec.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/sha.h>

namespace tidegate::deployment {

namespace {

/// The same value with the members of all objects in order of their names.
boost::json::value ordered(const boost::json::value& value) {
  if (const auto* array = value.if_array()) {
    boost::json::array copy;
    for (const auto& item : *array)
      copy.push_back(ordered(item));
    return copy;
  }
  const auto* object = value.if_object();
  if (!object)
    return value;
  std::vector<std::string_view> names;
  for (const auto& [key, member] : *object)
    names.emplace_back(key.data(), key.size());
  std::sort(names.begin(), names.end());
  boost::json::object copy;
  for (const auto name : names)
    copy[name] = ordered(object->at(name));
  return copy;
}

} // namespace

std::string_view to_string(engine_kind kind) {
  return kind == engine_kind::process ? "process" : "docker";
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest.data());
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const auto byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::string spec_hash(const module_spec& spec) {
  boost::json::object env;
  for (const auto& [name, value] : spec.env)
    env[name] = value;
  const boost::json::array all{
    spec.name,    to_string(spec.engine),
    spec.version, to_string(spec.restart),
    spec.pull,    spec.startup_order,
    env,          spec.image,
    spec.digest,  ordered(spec.create_options),
  };
  return sha256_hex(boost::json::serialize(all));
}

} // namespace tidegate::deployment
