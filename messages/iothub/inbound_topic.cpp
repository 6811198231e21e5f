#include "messages/iothub/inbound_topic.hpp"

namespace tidegate {

namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes a level that is followed by `/` off the front.
bool take_level(std::string_view& text, std::string_view& level) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return false;
  level = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  return true;
}

/// The value of `name` in `k=v&k=v`, as sent; empty when it is not there.
std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    auto pair = query.substr(0, ampersand);
    if (take_prefix(pair, name) && take_prefix(pair, "="))
      return pair;
    query.remove_prefix(ampersand == std::string_view::npos ? query.size()
                                                            : ampersand + 1);
  }
  return {};
}

struct address {
  std::string_view path;
  std::string_view query;
};

/// Splits at the last `/?`; the `/` belongs to neither part.
address split_query(std::string_view text) {
  const auto mark = text.rfind("/?");
  if (mark == std::string_view::npos)
    return {text.substr(0, text.size() - (text.ends_with('/') ? 1 : 0)), {}};
  return {text.substr(0, mark), text.substr(mark + 2)};
}

inbound_topic violation(std::string_view why) {
  return {inbound_kind::violation, {}, {}, {}, why};
}

inbound_topic parse_twin(std::string_view operation) {
  const auto [path, query] = split_query(operation);
  inbound_topic result;
  result.rid = query_value(query, "$rid");
  if (path == "GET") {
    result.kind = inbound_kind::twin_get;
    return result.rid.empty() ? violation("twin GET without $rid") : result;
  }
  if (path == "PATCH/properties/reported") {
    result.kind = inbound_kind::twin_patch;
    return result;
  }
  return violation("twin topic names no operation of the hub");
}

inbound_topic parse_method_response(std::string_view text) {
  const auto [path, query] = split_query(text);
  inbound_topic result;
  result.status = path;
  result.rid = query_value(query, "$rid");
  if (!path.empty() && path.find('/') == std::string_view::npos
      && !result.rid.empty())
    result.kind = inbound_kind::method_response;
  return result;
}

/// `messages/events[/][bag[/]]`. False when it is something else.
bool take_bag(std::string_view text, std::string_view& bag) {
  if (!take_prefix(text, "messages/events"))
    return false;
  if (text.empty())
    return true;
  if (!take_prefix(text, "/"))
    return false;
  if (text.ends_with('/'))
    text.remove_suffix(1);
  bag = text;
  return bag.find('/') == std::string_view::npos;
}

inbound_topic parse_telemetry(std::string_view text,
                              const identity_id& speaker) {
  inbound_topic result;
  std::string_view device;
  std::string_view module;
  if (!take_prefix(text, "devices/") || !take_level(text, device))
    return result;
  const bool of_module = take_prefix(text, "modules/");
  if (of_module && !take_level(text, module))
    return result;
  if (!take_bag(text, result.bag))
    return {};
  if (device != speaker.device || module != speaker.module
      || of_module != speaker.is_module())
    return violation("telemetry topic names another identity");
  result.kind = inbound_kind::telemetry;
  return result;
}

} // namespace

inbound_topic parse_inbound_topic(std::string_view topic,
                                  const identity_id& speaker) {
  if (take_prefix(topic, "$iothub/twin/"))
    return parse_twin(topic);
  if (take_prefix(topic, "$iothub/methods/res/"))
    return parse_method_response(topic);
  return parse_telemetry(topic, speaker);
}

} // namespace tidegate
