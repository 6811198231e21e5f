#include "runtime/http/message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/url_view.hpp>

namespace tidegate::http {

std::optional<std::string_view> find_header(const header_list& headers,
                                            std::string_view name) {
  for (const auto& [key, value] : headers)
    if (boost::urls::grammar::ci_is_equal(std::string_view{key}, name))
      return value;
  return std::nullopt;
}

std::optional<std::string_view>
request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name)
      return value;
  return std::nullopt;
}

response error_response(unsigned status, std::string_view message) {
  boost::json::object body;
  body["message"] = message;
  response result;
  result.status = status;
  result.body = boost::json::serialize(body);
  return result;
}

bool parse_target(std::string_view target, request& into) {
  const auto parsed = boost::urls::parse_origin_form(target);
  if (!parsed)
    return false;
  into.path = parsed->encoded_path();
  for (const auto& item : parsed->params())
    into.query.emplace_back(item.key, item.value);
  return true;
}

std::optional<std::string> percent_decode(std::string_view text) {
  const auto encoded = boost::urls::make_pct_string_view(text);
  if (!encoded)
    return std::nullopt;
  return encoded->decode();
}

} // namespace tidegate::http
