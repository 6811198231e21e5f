#include "messages/message_head.hpp"

#include <algorithm>

namespace tidegate {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t size_of(const std::vector<property>& all) {
  std::size_t sum = 0;
  for (const auto& [name, value] : all)
    sum += name.size() + (value ? value->size() : 0);
  return sum;
}

/// The acknowledgement that is wanted, here and above.
constexpr std::string_view ack = "ack";
constexpr std::string_view ack_above = "iothub-ack";

/// A time is passed on in its round-trip form.
constexpr std::string_view expiry = "absolute-expiry-time";
constexpr std::string_view time_form = "2026-01-02T03:04:05.0060000Z";

/// What the nodes above will count more than this one.
std::size_t growth_of(const property& one) {
  if (one.name == ack)
    return ack_above.size() - ack.size();
  if (one.name == expiry && one.value)
    return time_form.size() - std::min(time_form.size(), one.value->size());
  return 0;
}

} // namespace

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(),
                       [](char x, char y) { return lower(x) == lower(y); });
}

const property* find_property(const std::vector<property>& in,
                              std::string_view name) {
  for (const auto& entry : in)
    if (equal_without_case(entry.name, name))
      return &entry;
  return nullptr;
}

void set_property(std::vector<property>& in, std::string_view name,
                  std::optional<std::string> value) {
  for (auto& entry : in) {
    if (equal_without_case(entry.name, name)) {
      entry.name = name;
      entry.value = std::move(value);
      return;
    }
  }
  in.push_back({std::string{name}, std::move(value)});
}

std::size_t properties_size(const message_head& head) {
  auto size = size_of(head.system) + size_of(head.user);
  for (const auto& one : head.system)
    size += growth_of(one);
  if (const auto* added = find_property(head.system, auth_method_property))
    size -= added->name.size() + (added->value ? added->value->size() : 0);
  return size;
}

std::string message_source(const message_head& head) {
  const auto text = [&head](std::string_view name) -> std::string_view {
    const auto* entry = find_property(head.system, name);
    return entry && entry->value ? std::string_view{*entry->value}
                                 : std::string_view{};
  };
  if (text("messageType") == "twinChangeNotification")
    return "/twinChangeNotifications";
  const auto module = text("connectionModuleId");
  if (module.empty())
    return "/messages";
  auto source = "/messages/modules/" + std::string{module};
  if (const auto output = text("outputName"); !output.empty())
    source.append("/outputs/").append(output);
  return source;
}

} // namespace tidegate
