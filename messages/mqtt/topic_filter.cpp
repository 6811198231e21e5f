#include "messages/mqtt/topic_filter.hpp"

#include "messages/mqtt/byte_words.hpp"
#include "messages/mqtt/utf8.hpp"

namespace tidegate {

namespace {

/// Takes the text up to the next `/` off the front; `more` tells whether a
/// `/` followed.
std::string_view take_level(std::string_view& rest, bool& more) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  more = slash != std::string_view::npos;
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return level;
}

/// True when all eight bytes may stand in a topic name without a second look.
bool plain_topic(const char* from) {
  const auto word = load_word(from);
  return plain_ascii(word) && without(word, '+') && without(word, '#');
}

/// As above for a whole text; false for one shorter than a word.
bool plain_topic(std::string_view topic) {
  if (topic.size() < 8)
    return false;
  for (std::size_t at = 0; at + 8 <= topic.size(); at += 8)
    if (!plain_topic(topic.data() + at))
      return false;
  return plain_topic(topic.data() + topic.size() - 8);
}

} // namespace

bool valid_topic_name(std::string_view topic) {
  if (plain_topic(topic))
    return true;
  return !topic.empty() && topic.find_first_of("+#") == std::string_view::npos
         && valid_mqtt_string(topic);
}

bool valid_topic_filter(std::string_view filter) {
  if (filter.empty() || !valid_mqtt_string(filter))
    return false;
  for (bool more = true; more;) {
    const auto level = take_level(filter, more);
    const bool wild = level.find_first_of("+#") != std::string_view::npos;
    if (wild && (level.size() != 1 || (level == "#" && more)))
      return false;
  }
  return true;
}

bool matches(std::string_view filter, std::string_view topic) {
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter) {
    const auto wanted = take_level(filter, more_filter);
    if (wanted == "#")
      return true;
    if (!more_topic)
      return false;
    const auto level = take_level(topic, more_topic);
    if (wanted != "+" && wanted != level)
      return false;
  }
  return !more_topic;
}

} // namespace tidegate
