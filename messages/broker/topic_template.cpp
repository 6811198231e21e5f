#include "messages/broker/topic_template.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/mqtt/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace tidegate {

namespace {

std::string_view take_level(std::string_view& rest, bool& more) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  more = slash != std::string_view::npos;
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return level;
}

std::string in_braces(std::string_view place) {
  return '{' + std::string{place} + '}';
}

std::string list_of(const std::vector<std::string_view>& places) {
  std::string list;
  for (const auto place : places)
    list += (list.empty() ? "" : ", ") + in_braces(place);
  return list;
}

void add_level(std::string& topic, bool& first, std::string_view text) {
  if (!std::exchange(first, false))
    topic += '/';
  topic += text;
}

} // namespace

std::optional<topic_template>
topic_template::parse(std::string_view text,
                      const std::vector<std::string_view>& known,
                      std::string& why) {
  topic_template made;
  if (!valid_topic_name(text) || text.size() > longest_topic) {
    why = "must be a topic: not empty, valid UTF-8, without + and #";
    return std::nullopt;
  }
  for (bool more = true; more;) {
    const auto level = take_level(text, more);
    const bool is_place
      = level.size() > 2 && level.front() == '{' && level.back() == '}';
    const auto name = is_place ? level.substr(1, level.size() - 2) : level;
    if (name.find_first_of("{}") != std::string_view::npos) {
      why = "a place such as {device} must be a whole level, which `"
            + std::string{level} + "` is not";
      return std::nullopt;
    }
    if (is_place
        && std::find(known.begin(), known.end(), name) == known.end()) {
      why = in_braces(name) + " is not a known place; known are "
            + list_of(known);
      return std::nullopt;
    }
    if (is_place && made.has(name)) {
      why = in_braces(name) + " is there twice";
      return std::nullopt;
    }
    made.levels_.push_back({std::string{name}, is_place});
  }
  return made;
}

bool topic_template::has(std::string_view place) const {
  return std::any_of(levels_.begin(), levels_.end(), [&](const level& one) {
    return one.is_place && one.text == place;
  });
}

bool topic_template::stands_with(
  const std::vector<std::string_view>& places) const {
  return std::any_of(levels_.begin(), levels_.end(), [&](const level& one) {
    return !one.is_place ? !one.text.empty()
                         : std::find(places.begin(), places.end(), one.text)
                             != places.end();
  });
}

std::string topic_template::topic(const topic_places& values) const {
  std::string made;
  bool first = true;
  for (const auto& one : levels_) {
    if (!one.is_place) {
      add_level(made, first, one.text);
      continue;
    }
    const auto value = values.find(one.text);
    if (value != values.end() && !value->second.empty())
      add_level(made, first, percent_encode(value->second));
  }
  return made;
}

std::string topic_template::filter(const topic_places& fixed) const {
  std::string made;
  bool first = true;
  for (const auto& one : levels_) {
    const auto value = one.is_place ? fixed.find(one.text) : fixed.end();
    if (value != fixed.end())
      add_level(made, first, percent_encode(value->second));
    else
      add_level(made, first, one.is_place ? "+" : one.text);
  }
  return made;
}

std::optional<std::string_view>
topic_template::read(std::string_view topic, topic_places& values) const {
  bool more = true;
  for (const auto& one : levels_) {
    if (!more)
      return std::nullopt;
    const auto found = take_level(topic, more);
    if (!one.is_place) {
      if (found != one.text)
        return std::nullopt;
      continue;
    }
    if (found.empty())
      return std::nullopt;
    auto value = percent_decode(found);
    const auto [known, is_new] = values.try_emplace(one.text, value);
    if (!is_new && known->second != value)
      return std::nullopt;
  }
  return topic;
}

} // namespace tidegate
