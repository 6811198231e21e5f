#include "messages/twin/rules.hpp"

#include "messages/ec.hpp"
#include "messages/routing/utf8.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <string>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// Texts in errors come from clients; this much of them is enough.
constexpr std::size_t longest_shown = 64;

caf::error refuse(const std::string& path, std::string_view problem) {
  return caf::make_error(
    ec::bad_argument,
    (path.empty() ? "the patch" : path.substr(0, longest_shown)) + ": "
      + std::string{problem});
}

/// Unicode's white space and control characters.
bool is_blank_or_control(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680
         || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029
         || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_name(std::string_view name) {
  if (name.size() > longest_name)
    return false;
  while (!name.empty()) {
    const auto c = routing::decode_utf8(name);
    if (c == '.' || c == '$' || c == '#' || is_blank_or_control(c))
      return false;
  }
  return true;
}

bool is_integer_in_range(const json::value& value) {
  if (value.is_uint64())
    return false; // it does not even fit 63 bits
  const auto number = value.get_int64();
  return number >= smallest_integer && number <= largest_integer;
}

/// Walks through a patch and remembers where it is.
class inspector {
public:
  caf::error check(const json::object& object, std::size_t depth,
                   bool in_array) {
    if (depth > deepest_patch)
      return too_deep();
    for (const auto& [key, value] : object) {
      if (!is_name(key))
        return refuse(path_, "a name in it is longer than 1024 bytes or has "
                             "a blank or one of . $ # in it");
      const auto before = path_.size();
      path_ += (path_.empty() ? "" : ".") + std::string{key};
      if (auto error = check(value, depth, in_array))
        return error;
      path_.resize(before);
    }
    return {};
  }

private:
  caf::error check(const json::value& value, std::size_t depth, bool in_array) {
    if (value.is_object())
      return check(value.get_object(), depth + 1, in_array);
    if (value.is_array())
      return check(value.get_array(), depth + 1);
    if (value.is_null() && in_array)
      return refuse(path_, "an array cannot hold nulls");
    if (value.is_string() && value.get_string().size() > longest_text)
      return refuse(path_, "the text is longer than 4096 bytes");
    if (value.is_double() && !std::isfinite(value.get_double()))
      return refuse(path_, "the number is too large");
    if ((value.is_int64() || value.is_uint64()) && !is_integer_in_range(value))
      return refuse(path_, "the integer is not between -4503599627370496 and "
                           "4503599627370495");
    return {};
  }

  caf::error check(const json::array& array, std::size_t depth) {
    if (depth > deepest_patch)
      return too_deep();
    for (const auto& item : array)
      if (auto error = check(item, depth, true))
        return error;
    return {};
  }

  caf::error too_deep() const {
    return refuse(path_, "is more than 10 levels deep");
  }

  std::string path_;
};

} // namespace

caf::expected<json::object> read_patch(std::string_view text) {
  boost::system::error_code failed;
  auto document = json::parse(text, failed);
  if (failed == json::error::too_deep)
    return refuse({}, "is more than 10 levels deep");
  if (failed)
    return caf::make_error(ec::malformed,
                           "the patch is not JSON: " + failed.message());
  if (!document.is_object())
    return refuse({}, "is not an object");
  auto& patch = document.get_object();
  // White space between its members does not count, so it is written anew.
  if (text.size() > largest_patch
      && json::serialize(patch).size() > largest_patch)
    return refuse({}, "is larger than 32768 bytes");
  if (auto error = inspector{}.check(patch, 0, false))
    return error;
  return std::move(patch);
}

caf::error check_patch(const json::object& patch) {
  if (json::serialize(patch).size() > largest_patch)
    return refuse({}, "is larger than 32768 bytes");
  return inspector{}.check(patch, 0, false);
}

caf::error check_section(std::string_view name, const json::object& section) {
  if (json::serialize(section).size() <= largest_section)
    return {};
  return refuse(std::string{name}, "would be larger than "
                                     + std::to_string(largest_section)
                                     + " bytes");
}

} // namespace tidegate::twin
