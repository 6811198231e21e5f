#include "messages/routing/route_spec.hpp"

#include <boost/json/value.hpp>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace tidegate::routing {

namespace {

namespace json = boost::json;

constexpr schema_version with_objects{1, 1};
constexpr std::uint64_t lowest_set_priority = 9;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

/// A member that must be a whole number from 0 to 2^32 - 1; `otherwise`
/// without it.
parsed<std::uint64_t> read_whole(const json::object& from, const char* name,
                                 std::uint64_t otherwise) {
  const auto* value = from.if_contains(name);
  if (!value || value->is_null())
    return otherwise;
  std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
  if (const auto* positive = value->if_uint64())
    number = *positive;
  else if (const auto* any = value->if_int64(); any && *any >= 0)
    number = static_cast<std::uint64_t>(*any);
  if (number > std::numeric_limits<std::uint32_t>::max())
    return diagnostic{0, quote(name)
                           + " must be a whole number from 0 to 4294967295"};
  return number;
}

/// The member `onFull`, Tidegate's own; nothing without it.
parsed<std::optional<on_full>> read_full(const json::object& from) {
  if (from.contains("on_full"))
    return diagnostic{0, "'on_full' is how the configuration file spells it; "
                         "here it is 'onFull'"};
  const auto* value = from.if_contains("onFull");
  if (!value || value->is_null())
    return std::optional<on_full>{};
  const auto* text = value->if_string();
  const auto known = text ? read_on_full({text->data(), text->size()})
                          : std::optional<on_full>{};
  if (!known)
    return diagnostic{0, "'onFull' must be 'reject', 'drop-oldest' or "
                         "'drop-lowest-priority', found "
                           + (text ? quote({text->data(), text->size()})
                                   : "something that is no text")};
  return known;
}

/// One route without its name; nothing when it is to be skipped.
class spec_reader {
public:
  spec_reader(schema_version version, std::string_view edge_device)
    : version_{version}, edge_device_{edge_device} {}

  parsed<std::optional<route_spec>> read(const json::value& from) const {
    if (const auto* text = from.if_string())
      return read_text({text->data(), text->size()});
    const auto* fields = from.if_object();
    if (fields && version_ >= with_objects)
      return read_object(*fields);
    if (fields)
      return diagnostic{0, "an object needs schemaVersion 1.1 or later; "
                           "expected a string"};
    return diagnostic{0, version_ >= with_objects
                           ? "expected a string or an object"
                           : "expected a string"};
  }

private:
  parsed<std::optional<route_spec>> read_text(std::string_view text) const {
    if (is_blank(text)) {
      if (version_ >= with_objects)
        return diagnostic{0, "the route is blank"};
      return std::optional<route_spec>{};
    }
    return compile(text, default_priority, 0, std::nullopt);
  }

  parsed<std::optional<route_spec>>
  read_object(const json::object& fields) const {
    const auto* text = fields.if_contains("route");
    if (!text || !text->is_string())
      return diagnostic{0, "'route' must be a string"};
    const std::string_view route_text{text->get_string().data(),
                                      text->get_string().size()};
    if (is_blank(route_text))
      return diagnostic{0, "'route' is blank"};
    const auto priority = read_whole(fields, "priority", default_priority);
    if (!priority)
      return priority.error();
    if (*priority > lowest_set_priority && *priority != default_priority)
      return diagnostic{0, "'priority' must be 0 to 9 (or 2000000000, the "
                           "default), found "
                             + std::to_string(*priority)};
    const auto life = read_whole(fields, "timeToLiveSecs", 0);
    if (!life)
      return life.error();
    const auto full = read_full(fields);
    if (!full)
      return full.error();
    return compile(route_text, static_cast<std::uint32_t>(*priority), *life,
                   *full);
  }

  parsed<std::optional<route_spec>> compile(std::string_view text,
                                            std::uint32_t priority,
                                            std::uint64_t life,
                                            std::optional<on_full> full) const {
    auto compiled = parse_route(text, edge_device_);
    if (!compiled)
      return compiled.error();
    return std::optional{
      route_spec{{},
                 std::string{text},
                 priority,
                 std::chrono::seconds{static_cast<std::int64_t>(life)},
                 std::move(*compiled),
                 full}};
  }

  schema_version version_;
  std::string_view edge_device_;
};

} // namespace

parsed<std::optional<route_spec>>
parse_route_spec(const json::value& from, schema_version version,
                 std::string_view edge_device) {
  return spec_reader{version, edge_device}.read(from);
}

parsed<std::vector<route_spec>> parse_routes(const json::object& routes,
                                             schema_version version,
                                             std::string_view edge_device) {
  std::vector<route_spec> all;
  for (const auto& [key, value] : routes) {
    std::string name{key.data(), key.size()};
    if (name.empty() && version >= with_objects)
      return diagnostic{0, "a route has an empty name"};
    auto spec = parse_route_spec(value, version, edge_device);
    if (!spec)
      return diagnostic{0, "route " + quote(name) + ": "
                             + to_string(spec.error())};
    if (!*spec)
      continue;
    (*spec)->name = std::move(name);
    all.push_back(std::move(**spec));
  }
  return all;
}

} // namespace tidegate::routing
