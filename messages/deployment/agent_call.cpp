#include "messages/deployment/agent_call.hpp"

#include "messages/deployment/field_reader.hpp"
#include "messages/deployment/moment.hpp"
#include "messages/message_head.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <re2/re2.h>

namespace tidegate::deployment {

namespace {

namespace json = boost::json;

enum class method { ping, restart, logs, upload_logs, upload_bundle, task };

constexpr std::array<std::pair<std::string_view, method>, 6> methods{
  {{"ping", method::ping},
   {"RestartModule", method::restart},
   {"GetModuleLogs", method::logs},
   {"UploadModuleLogs", method::upload_logs},
   {"UploadSupportBundle", method::upload_bundle},
   {"GetTaskStatus", method::task}}};

const std::pair<std::string_view, method>* find(std::string_view name) {
  const auto* found
    = std::find_if(methods.begin(), methods.end(), [&](const auto& one) {
        return equal_without_case(one.first, name);
      });
  return found == methods.end() ? nullptr : found;
}

std::string no_such_method(std::string_view name) {
  std::string text = "Command '" + std::string{name.substr(0, 64)}
                     + "' not found. The supported commands are - ";
  const char* before = "";
  for (const auto& [known, what] : methods) {
    text += before + std::string{known};
    before = ", ";
  }
  return text;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The major number must be 1; a member that is missing has none.
bool is_known_schema(const json::object& payload) {
  const auto* version = payload.if_contains("schemaVersion");
  return version && version->is_string()
         && (version->get_string() == "1"
             || std::string_view{version->get_string()}.starts_with("1."));
}

/// Takes what a call needs out of its payload; what is wrong goes to the
/// errors.
class call_reader {
public:
  call_reader(const field_reader& from, std::int64_t now)
    : from_{from}, now_{now} {}

  std::string needed(std::string_view name) const {
    auto text = from_.text(name, field_reader::required).value_or("x");
    if (is_blank(text))
      from_.fail(name, "is blank");
    return text;
  }

  std::optional<std::int64_t> moment(const field_reader& in,
                                     std::string_view name) const {
    const auto text = optional_text(in, name);
    if (!text)
      return std::nullopt;
    const auto at = parse_moment(*text, now_);
    if (!at)
      in.fail(name, "is neither a time nor how long ago");
    return at;
  }

  log_request logs() const {
    log_request wanted;
    if (const auto encoding = optional_text(from_, "encoding")) {
      wanted.encoding = equal_without_case(*encoding, "gzip")
                          ? log_encoding::gzip
                          : log_encoding::none;
      if (wanted.encoding == log_encoding::none
          && !equal_without_case(*encoding, "none"))
        from_.fail("encoding", "must be none or gzip");
    }
    if (const auto content = optional_text(from_, "contentType")) {
      wanted.content = equal_without_case(*content, "json") ? log_content::json
                                                            : log_content::text;
      if (wanted.content == log_content::text
          && !equal_without_case(*content, "text"))
        from_.fail("contentType", "must be text or json");
    }
    items(wanted);
    return wanted;
  }

private:
  /// A null is as good as nothing.
  static std::optional<std::string> optional_text(const field_reader& in,
                                                  std::string_view name) {
    const auto* found = in.find(name);
    return found && !found->is_null() ? in.text(name) : std::nullopt;
  }

  static std::optional<std::uint64_t> optional_number(const field_reader& in,
                                                      std::string_view name,
                                                      std::uint64_t most) {
    const auto* found = in.find(name);
    return found && !found->is_null() ? in.number(name, 0, most) : std::nullopt;
  }

  void items(log_request& into) const {
    const auto* given = from_.find("items", field_reader::required);
    if (!given)
      return;
    if (given->is_object())
      return item(given->get_object(), "items", into);
    if (!given->is_array() || given->get_array().empty()
        || given->get_array().size() > most_log_items)
      return from_.fail("items", "must be 1 to 100 objects");
    std::size_t number = 0;
    for (const auto& one : given->get_array()) {
      const auto name = "items[" + std::to_string(number++) + ']';
      if (one.is_object())
        item(one.get_object(), name, into);
      else
        from_.fail(name, "must be an object");
    }
  }

  void item(const json::object& given, const std::string& name,
            log_request& into) const {
    const auto in = from_.below(name, given);
    log_item made;
    made.id = in.text("id", field_reader::required).value_or("all");
    if (is_blank(made.id))
      in.fail("id", "is blank");
    expression(in, "id", made.id);
    const auto* filter = in.find("filter");
    if (filter && !filter->is_null())
      if (const auto* object = in.object("filter"))
        made.filter = read_filter(in.below("filter", *object));
    into.items.push_back(std::move(made));
  }

  log_filter read_filter(const field_reader& in) const {
    log_filter made;
    made.tail = optional_number(in, "tail", 1'000'000'000);
    made.since = moment(in, "since");
    made.until = moment(in, "until");
    if (const auto level = optional_number(in, "loglevel", 7))
      made.level = static_cast<int>(*level);
    made.expression = optional_text(in, "regex").value_or("");
    expression(in, "regex", made.expression);
    return made;
  }

  static void expression(const field_reader& in, std::string_view name,
                         const std::string& text) {
    if (text.size() > longest_expression)
      return in.fail(name, "is longer than 1024 bytes");
    RE2::Options quiet;
    quiet.set_log_errors(false);
    const RE2 compiled{text, quiet};
    if (!compiled.ok())
      in.fail(name, "is no regular expression: " + compiled.error());
  }

  const field_reader& from_;
  std::int64_t now_;
};

agent_call read(method what, const field_reader& from, std::int64_t now) {
  const call_reader reader{from, now};
  switch (what) {
  case method::restart:
    return restart_call{reader.needed("id")};
  case method::logs:
    return logs_call{reader.logs()};
  case method::upload_logs:
    return upload_logs_call{reader.logs(), reader.needed("sasUrl")};
  case method::upload_bundle:
    return upload_bundle_call{
      reader.needed("sasUrl"), reader.moment(from, "since"),
      reader.moment(from, "until"),
      from.find("edgeRuntimeOnly") && !from.find("edgeRuntimeOnly")->is_null()
        && from.boolean("edgeRuntimeOnly").value_or(false)};
  case method::task:
    return task_call{reader.needed("correlationId")};
  case method::ping:
    break;
  }
  return ping_call{};
}

} // namespace

std::variant<agent_call, call_refusal> read_agent_call(std::string_view name,
                                                       std::string_view payload,
                                                       std::int64_t now) {
  const auto* what = find(name);
  if (!what)
    return call_refusal{400, no_such_method(name)};
  if (what->second == method::ping)
    return agent_call{ping_call{}};
  if (is_blank(payload) || payload == "null")
    return call_refusal{400, "Request payload not found"};
  boost::system::error_code failed;
  const auto document = json::parse(payload, failed);
  if (failed)
    return call_refusal{400, "the payload is not JSON: " + failed.message()};
  const auto* object = document.if_object();
  if (!object)
    return call_refusal{400, "the payload must be an object"};
  if (!is_known_schema(*object))
    return call_refusal{500, "the payload's schemaVersion must be 1.x"};
  field_errors errors;
  auto call = read(what->second, field_reader{*object, "", errors}, now);
  if (!errors.empty())
    return call_refusal{400, to_string(errors.front())};
  return call;
}

std::string_view known_method(std::string_view name) {
  const auto* what = find(name);
  return what ? what->first : "other";
}

} // namespace tidegate::deployment
