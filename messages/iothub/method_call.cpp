#include "messages/iothub/method_call.hpp"

#include "messages/iothub/method_name.hpp"
#include "messages/message_head.hpp"
#include "messages/mqtt/utf8.hpp"
#include "messages/routing/json_index.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <charconv>

namespace tidegate {

namespace {

using routing::json_entry;
using kind = json_entry::kind;

/// What a client answers is passed on as JSON down to this depth, and as text
/// when it goes deeper.
constexpr std::size_t deepest_method_answer = 64;

/// Reads the members of a call's body, one at a time; the first that is wrong
/// is what `why` says.
class call_reader {
public:
  call_reader(std::string_view body, std::string& why)
    : body_{body}, why_{why} {}

  bool take(std::string_view name, const json_entry& value) {
    if (equal_without_case(name, "methodName"))
      return take_name(value);
    if (equal_without_case(name, "payload"))
      return take_payload(value);
    if (equal_without_case(name, "responseTimeoutInSeconds"))
      return take_timeout("responseTimeoutInSeconds", value,
                          shortest_response_timeout, made.response_timeout);
    if (equal_without_case(name, "connectTimeoutInSeconds"))
      return take_timeout("connectTimeoutInSeconds", value,
                          std::chrono::seconds{0}, made.connect_timeout);
    return true;
  }

  method_call made;

private:
  bool fail(std::string what) {
    why_ = std::move(what);
    return false;
  }

  bool take_name(const json_entry& value) {
    if (value.is != kind::string)
      return fail("methodName: not a text");
    const auto quoted
      = body_.substr(value.begin - 1, value.end - value.begin + 2);
    boost::system::error_code failed;
    const auto text = boost::json::parse(quoted, failed);
    if (failed || !text.is_string())
      return fail("methodName: not a text");
    made.name = text.get_string();
    return true;
  }

  bool take_payload(const json_entry& value) {
    const auto quote = value.is == kind::string ? 1u : 0u;
    made.payload
      = body_.substr(value.begin - quote, value.end - value.begin + 2 * quote);
    if (made.payload.size() > largest_method_payload)
      return fail("payload: longer than 131072 bytes");
    return true;
  }

  bool take_timeout(const std::string& name, const json_entry& value,
                    std::chrono::seconds least, std::chrono::seconds& into) {
    if (value.is == kind::null_value)
      return true;
    const auto text = value.in(body_);
    std::int64_t count = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, failed] = std::from_chars(text.data(), end, count);
    if (value.is != kind::number || failed != std::errc{} || rest != end)
      return fail(name + ": not a whole number");
    if (count < least.count() || count > longest_method_timeout.count())
      return fail(name + ": not from " + std::to_string(least.count()) + " to "
                  + std::to_string(longest_method_timeout.count()));
    into = std::chrono::seconds{count};
    return true;
  }

  std::string_view body_;
  std::string& why_;
};

/// Whether every JSON reader takes `text`, also one that refuses half of a
/// surrogate pair.
bool is_strict_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = deepest_method_answer;
  boost::system::error_code failed;
  boost::json::parse(text, failed, {}, options);
  return !failed;
}

} // namespace

std::optional<method_call> parse_method_call(std::string_view body,
                                             std::string& why) {
  routing::json_index index;
  if (!index.read(body)) {
    why = "the body is not JSON";
    return std::nullopt;
  }
  const auto& all = index.entries();
  if (all.front().is != kind::object) {
    why = "the body is not a JSON object";
    return std::nullopt;
  }
  call_reader reader{body, why};
  for (std::size_t at = 1; at < all.front().next; at = all[at + 1].next)
    if (!reader.take(all[at].in(body), all[at + 1]))
      return std::nullopt;
  auto& made = reader.made;
  if (const auto fault = method_name_fault(made.name); !fault.empty()) {
    why = "methodName: " + fault;
    return std::nullopt;
  }
  return std::move(made);
}

std::optional<identity_id> parse_calling_module(std::string_view header) {
  if (std::count(header.begin(), header.end(), '/') != 1)
    return std::nullopt;
  auto id = parse_identity_id(header);
  if (id.device.empty() || id.module.empty())
    return std::nullopt;
  return id;
}

std::string method_answer(std::int32_t status, std::string_view payload) {
  std::string text = "{\"status\":" + std::to_string(status) + ",\"payload\":";
  if (payload.empty() || !valid_utf8(payload))
    text += "null";
  else if (is_strict_json(payload))
    text += payload;
  else
    text += boost::json::serialize(boost::json::string{payload});
  return text + '}';
}

} // namespace tidegate
