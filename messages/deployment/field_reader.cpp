#include "messages/deployment/field_reader.hpp"

#include "messages/message_head.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace tidegate::deployment {

std::string to_string(const field_error& error) {
  return error.field.empty() ? error.problem
                             : error.field + ": " + error.problem;
}

std::string field_reader::path_of(std::string_view name) const {
  auto path = path_;
  if (!path.empty() && !name.empty())
    path += '.';
  return path.append(name);
}

void field_reader::fail(std::string_view name, std::string problem,
                        int code) const {
  errors_.push_back({path_of(name), std::move(problem), code});
}

const boost::json::value* field_reader::demand(const boost::json::value* found,
                                               std::string_view name,
                                               presence needed) const {
  if (!found && needed == required)
    fail(name, "is missing");
  return found;
}

const boost::json::value* field_reader::find(std::string_view name,
                                             presence needed) const {
  return demand(object_.if_contains(name), name, needed);
}

const boost::json::value* field_reader::find_any_case(std::string_view name,
                                                      presence needed) const {
  for (const auto& [key, value] : object_)
    if (equal_without_case({key.data(), key.size()}, name))
      return &value;
  return demand(nullptr, name, needed);
}

std::optional<std::string>
field_reader::as_text(const boost::json::value* found,
                      std::string_view name) const {
  if (!found)
    return std::nullopt;
  const auto* text = found->if_string();
  if (!text) {
    fail(name, "must be text");
    return std::nullopt;
  }
  // It may become an argument, a variable or a path.
  if (text->find('\0') != std::string_view::npos)
    fail(name, "holds a zero byte");
  return std::string{text->data(), text->size()};
}

std::optional<std::string> field_reader::text(std::string_view name,
                                              presence needed) const {
  return as_text(find(name, needed), name);
}

std::optional<std::string> field_reader::text_any_case(std::string_view name,
                                                       presence needed) const {
  return as_text(find_any_case(name, needed), name);
}

std::optional<std::uint64_t> field_reader::number(std::string_view name,
                                                  std::uint64_t least,
                                                  std::uint64_t most) const {
  const auto* found = find(name);
  if (!found)
    return std::nullopt;
  std::optional<std::uint64_t> value;
  if (found->is_uint64())
    value = found->get_uint64();
  else if (found->is_int64() && found->get_int64() >= 0)
    value = static_cast<std::uint64_t>(found->get_int64());
  if (value && *value >= least && *value <= most)
    return value;
  fail(name, "must be an integer from " + std::to_string(least) + " to "
               + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> field_reader::boolean(std::string_view name) const {
  const auto* found = find(name);
  if (!found)
    return std::nullopt;
  if (found->is_bool())
    return found->get_bool();
  fail(name, "must be true or false");
  return std::nullopt;
}

const boost::json::object* field_reader::object(std::string_view name,
                                                presence needed) const {
  const auto* found = find(name, needed);
  if (!found)
    return nullptr;
  if (const auto* object = found->if_object())
    return object;
  fail(name, "must be an object");
  return nullptr;
}

std::optional<std::vector<std::string>>
field_reader::texts(std::string_view name) const {
  const auto* found = find(name);
  if (!found || found->is_null())
    return std::nullopt;
  if (found->is_string())
    return std::vector{*as_text(found, name)};
  std::vector<std::string> all;
  const auto* array = found->if_array();
  if (!array) {
    fail(name, "must be a list of texts");
    return std::nullopt;
  }
  for (const auto& item : *array) {
    auto text = as_text(&item, name);
    if (!text)
      return std::nullopt;
    all.push_back(std::move(*text));
  }
  return all;
}

} // namespace tidegate::deployment
