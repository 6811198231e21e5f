#include "messages/deployment/create_options.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <map>

namespace tidegate::deployment {

namespace {

constexpr std::string_view stem = "createOptions";

/// The number after the stem: 0 for none, nothing for another name.
std::optional<unsigned> part_number(std::string_view name) {
  if (!equal_without_case(name.substr(0, stem.size()), stem))
    return std::nullopt;
  const auto digits = name.substr(stem.size());
  if (digits.empty())
    return 0;
  unsigned number = 0;
  const auto [end, problem]
    = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc{} || end != digits.data() + digits.size()
      || number == 0)
    return std::nullopt;
  return number;
}

/// At most `limit` bytes of `text`, ending where a character ends.
std::size_t whole_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit)
    return text.size();
  auto size = limit;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    --size;
  return size > 0 ? size : limit;
}

std::string part_name(std::size_t number) {
  std::string name{stem};
  if (number == 0)
    return name;
  if (number < 10)
    name += '0';
  return name + std::to_string(number);
}

} // namespace

std::optional<std::string> join_create_options(const field_reader& settings) {
  std::map<unsigned, const boost::json::value*> parts;
  for (const auto& [key, value] : settings.all())
    if (const auto number = part_number({key.data(), key.size()}))
      parts.emplace(*number, &value);
  std::string joined;
  unsigned expected = 0;
  for (const auto& [number, value] : parts) {
    if (number != expected || number >= most_parts) {
      settings.fail(part_name(expected),
                    expected >= most_parts
                      ? "is one part too many"
                      : "is missing, part " + part_name(number) + " is there");
      return std::nullopt;
    }
    ++expected;
    if (value->is_null())
      continue;
    const auto* text = value->if_string();
    if (!text) {
      settings.fail(part_name(number), "must be text");
      return std::nullopt;
    }
    joined.append(text->data(), text->size());
  }
  return joined;
}

boost::json::object read_create_options(const field_reader& settings) {
  const auto text = join_create_options(settings);
  if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos)
    return {};
  boost::json::error_code problem;
  const auto parsed = boost::json::parse(*text, problem);
  if (problem)
    settings.fail(stem, "is not JSON: " + problem.message());
  else if (!parsed.is_object() && !parsed.is_null())
    settings.fail(stem, "must hold an object");
  return parsed.is_object() ? parsed.get_object() : boost::json::object{};
}

bool split_create_options(std::string_view text,
                          boost::json::object& settings) {
  std::size_t number = 0;
  do {
    const auto size = whole_characters(text, part_size);
    settings[part_name(number++)] = text.substr(0, size);
    text.remove_prefix(size);
  } while (!text.empty() && number < most_parts);
  return text.empty();
}

} // namespace tidegate::deployment
