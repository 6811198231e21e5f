#include "messages/twin/edge_twin.hpp"

#include "messages/ec.hpp"
#include "messages/twin/merge.hpp"
#include "messages/twin/rules.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

constexpr std::string_view version_key = "$version";

caf::expected<json::object> object_of(std::string_view text,
                                      std::string_view what) {
  boost::system::error_code failed;
  auto document = json::parse(text, failed);
  if (!failed && document.is_object())
    return std::move(document.get_object());
  return caf::make_error(ec::malformed,
                         std::string{what} + " from the parent is no object");
}

json::object section_in(json::object& twin, std::string_view name) {
  auto* section = twin.if_contains(name);
  return section && section->is_object() ? std::move(section->get_object())
                                         : json::object{};
}

/// On top of what the parent says, what it has not heard yet.
json::object with_pending(json::object reported, const pending_patch& pending) {
  reported = merge(std::move(reported), pending.removed, nulls::remove);
  return merge(std::move(reported), pending.changed, nulls::remove);
}

} // namespace

caf::expected<client_twin> client_twin_of(std::string_view text) {
  auto twin = object_of(text, "a twin");
  if (!twin)
    return twin.error();
  return client_twin{section_in(*twin, "desired"),
                     section_in(*twin, "reported")};
}

caf::expected<json::object> desired_patch_of(std::string_view text) {
  return object_of(text, "a patch of desired properties");
}

std::string client_text(const std::optional<client_twin>& twin) {
  const auto shown = twin.value_or(client_twin{});
  return json::serialize(
    json::object{{"desired", shown.desired}, {"reported", shown.reported}});
}

std::int64_t version_of(const json::object& section) {
  const auto* version = section.if_contains(version_key);
  return version && version->is_int64() ? version->get_int64() : 0;
}

caf::error report(edge_twin& twin, const json::object& patch) {
  auto cached = twin.cached.value_or(client_twin{});
  cached.reported = merge(std::move(cached.reported), patch, nulls::remove);
  if (auto error = check_section("reported", cached.reported))
    return error;
  twin.cached = std::move(cached);
  twin.pending.add(patch);
  return {};
}

json::object take_full(edge_twin& twin, client_twin from_parent,
                       std::chrono::milliseconds now) {
  json::object difference;
  if (twin.cached)
    difference = diff(twin.cached->desired, from_parent.desired);
  from_parent.reported
    = with_pending(std::move(from_parent.reported), twin.pending);
  twin.cached = std::move(from_parent);
  twin.synced = now;
  return difference;
}

desired_step step_for(const edge_twin& twin, const json::object& patch) {
  if (!twin.cached)
    return desired_step::forward;
  const auto known = version_of(twin.cached->desired);
  return known > 0 && version_of(patch) == known + 1
           ? desired_step::merge_and_forward
           : desired_step::fetch;
}

void merge_desired(edge_twin& twin, const json::object& patch) {
  twin.cached->desired
    = merge(std::move(twin.cached->desired), patch, nulls::remove);
}

json::object to_document(edge_twin twin) {
  json::object document{{"synced", twin.synced.count()}};
  if (twin.cached)
    document["cached"] = {{"desired", std::move(twin.cached->desired)},
                          {"reported", std::move(twin.cached->reported)}};
  if (!twin.pending.empty())
    document["pending"] = {{"removed", std::move(twin.pending.removed)},
                           {"changed", std::move(twin.pending.changed)}};
  return document;
}

caf::expected<edge_twin> edge_twin_of(json::value document) {
  try {
    auto& from = document.as_object();
    edge_twin twin;
    twin.synced
      = std::chrono::milliseconds{from.at("synced").to_number<std::int64_t>()};
    if (auto* cached = from.if_contains("cached"))
      twin.cached = {std::move(cached->at("desired").as_object()),
                     std::move(cached->at("reported").as_object())};
    if (auto* pending = from.if_contains("pending"))
      twin.pending = {std::move(pending->at("removed").as_object()),
                      std::move(pending->at("changed").as_object())};
    return twin;
  } catch (const std::exception& problem) {
    return caf::make_error(
      ec::store_damaged,
      std::string{"a twin in the store is not well formed: "} + problem.what());
  }
}

} // namespace tidegate::twin
