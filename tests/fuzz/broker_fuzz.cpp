#include "messages/broker/command.hpp"
#include "messages/mqtt/topic_filter.hpp"
#include "messages/mqtt/utf8.hpp"

#include <cstdlib>

using namespace tidegate;

namespace {

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// What is filled in can be read again.
void there_and_back(const topic_template& one, std::string_view device) {
  const topic_places given{{"edge", "e"},
                           {"device", std::string{device}},
                           {"module", "m"},
                           {"output", "o"}};
  const auto topic = one.topic(given);
  require(topic.find_first_of("+#") == std::string::npos);
  if (device.empty() || !valid_utf8(device))
    return;
  require(valid_topic_filter(one.filter({})));
  require(valid_topic_name(topic));
  require(matches(one.filter({}), topic));
  topic_places found;
  require(one.read(topic, found) == "");
  for (const auto& [place, value] : found)
    require(given.at(place) == value);
}

} // namespace

/// Lines: a template, a device or a topic, and a payload.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto text = take_line(input);
  const auto topic = take_line(input);
  std::string why;
  const auto telemetry = topic_template::parse(text, telemetry_places, why);
  require(telemetry.has_value() == why.empty());
  if (telemetry)
    there_and_back(*telemetry, topic);
  why.clear();
  broker_language language;
  language.edge = "e";
  language.commands = topic_template::parse(text, command_places, why);
  why.clear();
  for (const bool envelope : {false, true}) {
    language.envelope = envelope;
    const auto command = read_command(language, topic, input, why);
    require(command.has_value() || !why.empty());
  }
  return 0;
}
