#pragma once

#include "messages/message_head.hpp"
#include "messages/routing/evaluate.hpp"

#include "support/vectors.hpp"

#include <boost/json.hpp>

#include <string>

namespace tidegate::routing {

/// A message of the test vectors.
struct fixture {
  message_head head;
  std::string payload;
};

inline std::vector<property> read_properties(const boost::json::object& from) {
  std::vector<property> all;
  for (const auto& [name, value] : from)
    all.push_back(
      {std::string{name}, value.is_null()
                            ? std::nullopt
                            : std::optional{std::string{value.as_string()}}});
  return all;
}

inline fixture read_fixture(const boost::json::object& from) {
  fixture result;
  result.head.system = read_properties(from.at("systemProperties").as_object());
  result.head.user = read_properties(from.at("properties").as_object());
  const auto& body = from.at("body");
  result.payload = body.is_string() ? std::string{body.as_string()}
                                    : boost::json::serialize(body);
  return result;
}

/// The message called `name` in `routes.json`.
inline fixture vector_fixture(const char* name) {
  const auto vectors = read_vectors("routes.json");
  return read_fixture(vectors.at("fixtures").at(name).as_object());
}

inline std::string to_string(truth value) {
  switch (value) {
  case truth::no:
    return "false";
  case truth::yes:
    return "true";
  case truth::undefined:
    return "undefined";
  }
  return {};
}

/// The result of a condition for a message, or `error`.
inline std::string result_of(const std::string& text, const fixture& message) {
  const auto compiled = compile_condition(text);
  if (!compiled)
    return "error";
  scratch memory{1};
  return to_string(
    evaluate(*compiled, message.head, message.payload, "edge-1", memory));
}

} // namespace tidegate::routing
