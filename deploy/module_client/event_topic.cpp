#include "module_client/event_topic.hpp"

#include <cstdio>
#include <ctime>

namespace tidegate::module {

namespace {

std::string own_prefix(const module_identity& who) {
  return "devices/" + who.device + "/modules/" + who.module + '/';
}

std::string time_text(std::chrono::system_clock::time_point at) {
  const auto since
    = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
  const std::time_t seconds
    = std::chrono::floor<std::chrono::seconds>(since).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const auto length
    = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ",
                static_cast<int>(since.count() % 1000));
  return text;
}

void append(std::string& bag, const std::string& name,
            const std::string& value) {
  if (!bag.empty())
    bag += '&';
  bag += percent_encode(name) + '=' + percent_encode(value);
}

/// Calls `take` with each decoded pair of a property bag.
template <class Take>
void each_property(const std::string& bag, Take take) {
  std::size_t from = 0;
  while (from < bag.size()) {
    const auto end = std::min(bag.find('&', from), bag.size());
    const auto pair = bag.substr(from, end - from);
    const auto equals = std::min(pair.find('='), pair.size());
    take(percent_decode(pair.substr(0, equals)),
         equals < pair.size() ? percent_decode(pair.substr(equals + 1)) : "");
    from = end + 1;
  }
}

} // namespace

std::string event_topic(const module_identity& who, const std::string& output,
                        const message& what,
                        std::chrono::system_clock::time_point created) {
  std::string bag;
  append(bag, "$.on", output);
  append(bag, "$.ct", what.content_type);
  append(bag, "$.ce", what.content_encoding);
  append(bag, "$.ctime", time_text(created));
  for (const auto& [name, value] : what.properties)
    append(bag, name, value);
  return own_prefix(who) + "messages/events/" + bag + '/';
}

std::string inputs_filter(const module_identity& who) {
  return own_prefix(who) + "inputs/#";
}

std::optional<input_message> parse_input(const module_identity& who,
                                         const std::string& topic,
                                         std::string body) {
  const auto prefix = own_prefix(who) + "inputs/";
  if (!topic.starts_with(prefix))
    return std::nullopt;
  const auto rest = topic.substr(prefix.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  input_message made{rest.substr(0, slash), {std::move(body), {}, {}, {}}};
  if (slash == rest.size())
    return made;
  each_property(rest.substr(slash + 1),
                [&](const std::string& name, const std::string& value) {
                  if (name == "$.ct")
                    made.what.content_type = value;
                  else if (name == "$.ce")
                    made.what.content_encoding = value;
                  else if (!name.starts_with("$."))
                    made.what.properties[name] = value;
                });
  return made;
}

} // namespace tidegate::module
