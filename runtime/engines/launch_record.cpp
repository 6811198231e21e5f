#include "runtime/engines/launch_record.hpp"

#include <charconv>

namespace tidegate {

namespace {

void put(std::string& into, std::string_view name, std::string_view value) {
  into.append(name).append(" ").append(value) += '\0';
}

void put(std::string& into, std::string_view name, std::uint64_t value) {
  put(into, name, std::string_view{std::to_string(value)});
}

/// Takes a number from the front of `text`, and the blank after it.
template <class Number>
bool take(std::string_view& text, Number& into) {
  const auto* end = text.data() + text.size();
  const auto [next, problem] = std::from_chars(text.data(), end, into);
  if (problem != std::errc{} || (next != end && *next != ' '))
    return false;
  text.remove_prefix(static_cast<std::size_t>(next - text.data())
                     + (next != end ? 1 : 0));
  return true;
}

template <class Number>
bool take_whole(std::string_view text, Number& into) {
  return take(text, into) && text.empty();
}

template <class Number>
bool take_whole(std::string_view text, std::optional<Number>& into) {
  return take_whole(text, into.emplace());
}

bool take_limit(std::string_view text, launch_record& into) {
  auto& limit = into.limits.emplace_back();
  return take(text, limit.resource) && take(text, limit.soft)
         && take(text, limit.hard) && text.empty();
}

bool take_entry(std::string_view name, std::string_view value,
                launch_record& into) {
  if (name == "name")
    into.name = value;
  else if (name == "hash")
    into.hash = value;
  else if (name == "memo")
    into.memo = value;
  else if (name == "image_hash")
    into.image_hash = value;
  else if (name == "artifact")
    into.artifact = value;
  else if (name == "checked")
    into.checked = value;
  else if (name == "control_group")
    into.control_group = value;
  else if (name == "group_setting")
    into.group_settings.emplace_back(value);
  else if (name == "argument")
    into.arguments.emplace_back(value);
  else if (name == "env")
    into.env.emplace_back(value);
  else if (name == "folder")
    into.folder = value;
  else if (name == "user")
    return take_whole(value, into.user);
  else if (name == "group")
    return take_whole(value, into.group);
  else if (name == "limit")
    return take_limit(value, into);
  else if (name == "grace")
    return take_whole(value, into.stop_grace);
  else if (name == "log_size")
    return take_whole(value, into.log_size);
  else if (name == "log_files")
    return take_whole(value, into.log_files);
  else
    return false;
  return true;
}

} // namespace

std::string encode(const launch_record& record) {
  std::string text;
  put(text, "name", record.name);
  put(text, "hash", record.hash);
  const auto put_if_any = [&](const char* name, const std::string& value) {
    if (!value.empty())
      put(text, name, value);
  };
  put_if_any("memo", record.memo);
  put_if_any("image_hash", record.image_hash);
  put_if_any("artifact", record.artifact);
  put_if_any("checked", record.checked);
  put_if_any("control_group", record.control_group);
  for (const auto& setting : record.group_settings)
    put(text, "group_setting", setting);
  for (const auto& argument : record.arguments)
    put(text, "argument", argument);
  for (const auto& variable : record.env)
    put(text, "env", variable);
  put(text, "folder", record.folder);
  if (record.user)
    put(text, "user", *record.user);
  if (record.group)
    put(text, "group", *record.group);
  for (const auto& limit : record.limits)
    put(text, "limit",
        std::to_string(limit.resource) + ' ' + std::to_string(limit.soft) + ' '
          + std::to_string(limit.hard));
  put(text, "grace", record.stop_grace);
  put(text, "log_size", record.log_size);
  put(text, "log_files", record.log_files);
  return text;
}

std::optional<launch_record> decode_launch(std::string_view text) {
  launch_record record;
  while (!text.empty()) {
    const auto end = text.find('\0');
    const auto blank = text.find(' ');
    if (end == std::string_view::npos || blank >= end
        || !take_entry(text.substr(0, blank),
                       text.substr(blank + 1, end - blank - 1), record))
      return std::nullopt;
    text.remove_prefix(end + 1);
  }
  if (record.name.empty() || record.arguments.empty())
    return std::nullopt;
  return record;
}

} // namespace tidegate
