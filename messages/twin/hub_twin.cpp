#include "messages/twin/hub_twin.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/twin/merge.hpp"
#include "messages/twin/rules.hpp"

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// When something was changed, and for desired properties by which version.
struct stamp {
  const std::string& now;
  std::int64_t version = 0; ///< 0: not shown

  void put_on(json::object& metadata) const {
    metadata["$lastUpdated"] = now;
    if (version > 0)
      metadata["$lastUpdatedVersion"] = version;
  }
};

/// Marks what `patch` has changed; what is gone has no metadata.
void touch(json::object& metadata, const json::object& patch,
           const stamp& with) {
  with.put_on(metadata);
  for (const auto& [key, value] : patch) {
    if (value.is_null()) {
      metadata.erase(key);
      continue;
    }
    auto& below = metadata[key];
    if (!below.is_object() || !value.is_object())
      below = json::object{};
    if (const auto* inner = value.if_object())
      touch(below.get_object(), *inner, with);
    else
      with.put_on(below.get_object());
  }
}

/// The member `name` of a change; null when there is none. Sets `error` when
/// it is no object.
const json::object* object_in(const json::object& change, std::string_view name,
                              caf::error& error) {
  const auto* value = change.if_contains(name);
  if (value && !value->is_object())
    error = caf::make_error(ec::bad_argument,
                            std::string{name} + ": must be an object");
  return value ? value->if_object() : nullptr;
}

/// `$version` and `$metadata` come back from those who read, changed and
/// wrote a document; they are ours.
json::object without_own_members(json::object section) {
  section.erase("$version");
  section.erase("$metadata");
  return section;
}

json::object changed_section(const json::object& before,
                             const json::object& patch, bool replace) {
  return merge(replace ? json::object{} : before, patch, nulls::remove);
}

json::object shown(const section& from, bool with_metadata) {
  auto values = from.values;
  if (with_metadata)
    values["$metadata"] = from.metadata;
  values["$version"] = from.version;
  return values;
}

json::object stored(section from) {
  return {{"values", std::move(from.values)},
          {"metadata", std::move(from.metadata)},
          {"version", from.version}};
}

section section_of(json::value& document) {
  return {std::move(document.at("values").as_object()),
          std::move(document.at("metadata").as_object()),
          document.at("version").to_number<std::int64_t>()};
}

} // namespace

caf::error report(hub_twin& twin, const json::object& patch,
                  const std::string& now) {
  auto values = merge(twin.reported.values, patch, nulls::remove);
  if (auto error = check_section("reported", values))
    return error;
  twin.reported.values = std::move(values);
  touch(twin.reported.metadata, patch, {now});
  ++twin.reported.version;
  ++twin.version;
  return {};
}

caf::expected<change_outcome> change(hub_twin& twin, const json::object& change,
                                     bool replace, const std::string& now) {
  caf::error error;
  const auto* tags = object_in(change, "tags", error);
  const auto* properties = object_in(change, "properties", error);
  const auto* desired
    = properties ? object_in(*properties, "desired", error) : nullptr;
  if (error)
    return error;
  auto made = twin;
  if (tags) {
    made.tags = changed_section(twin.tags, *tags, replace);
    if ((error = check_patch(*tags))
        || (error = check_section("tags", made.tags)))
      return error;
  }
  change_outcome outcome;
  if (desired) {
    const auto patch = without_own_members(*desired);
    auto& section = made.desired;
    section.values = changed_section(section.values, patch, replace);
    if ((error = check_patch(patch))
        || (error = check_section("desired", section.values)))
      return error;
    ++section.version;
    if (replace)
      section.metadata = {};
    touch(section.metadata, patch, {now, section.version});
    outcome.desired_patch
      = replace ? diff(twin.desired.values, section.values) : patch;
    outcome.desired_patch["$version"] = section.version;
  }
  if (tags || desired) {
    ++made.version;
    ++made.etag;
  }
  twin = std::move(made);
  return outcome;
}

std::string etag_text(const hub_twin& twin) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes += static_cast<char>(twin.etag >> shift);
  return base64_encode(bytes);
}

json::object client_view(const hub_twin& twin) {
  return {{"desired", shown(twin.desired, false)},
          {"reported", shown(twin.reported, false)}};
}

json::object service_view(const hub_twin& twin) {
  return {{"etag", etag_text(twin)},
          {"version", twin.version},
          {"tags", twin.tags},
          {"properties",
           {{"desired", shown(twin.desired, true)},
            {"reported", shown(twin.reported, true)}}}};
}

json::object to_document(hub_twin twin) {
  return {{"generation", twin.generation},
          {"tags", std::move(twin.tags)},
          {"desired", stored(std::move(twin.desired))},
          {"reported", stored(std::move(twin.reported))},
          {"version", twin.version},
          {"etag", twin.etag}};
}

caf::expected<hub_twin> hub_twin_of(json::value document) {
  try {
    return hub_twin{json::value_to<std::string>(document.at("generation")),
                    std::move(document.at("tags").as_object()),
                    section_of(document.at("desired")),
                    section_of(document.at("reported")),
                    document.at("version").to_number<std::int64_t>(),
                    document.at("etag").to_number<std::int64_t>()};
  } catch (const std::exception& problem) {
    return caf::make_error(
      ec::store_damaged,
      std::string{"a twin in the store is not well formed: "} + problem.what());
  }
}

} // namespace tidegate::twin
