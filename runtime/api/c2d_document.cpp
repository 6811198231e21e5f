#include "runtime/api/c2d_document.hpp"

#include "messages/iothub/base64.hpp"
#include "runtime/api/event_document.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

/// Far beyond what anybody waits for, and far from where times overflow.
constexpr std::int64_t longest_life = 100LL * 365 * 24 * 3600;

constexpr std::array<std::string_view, 4> ack_names{"none", "positive",
                                                    "negative", "full"};

/// Reads the members of the document; the first that is wrong is what `why`
/// says.
class c2d_reader {
public:
  c2d_reader(const json::object& from, std::string& why)
    : from_{from}, why_{why} {}

  bool read(wall_time now, send_c2d& into) {
    message_head head;
    if (!read_body(into) || !read_id(head) || !read_properties(head)
        || !read_life(now, into) || !read_ack(head, into))
      return false;
    into.head = std::make_shared<const message_head>(std::move(head));
    return true;
  }

private:
  bool fail(const char* what) {
    why_ = what;
    return false;
  }

  bool read_body(send_c2d& into) {
    const auto* const text = from_.if_contains("body");
    const auto* const binary = from_.if_contains("bodyBase64");
    if (text && binary)
      return fail("give either body or bodyBase64");
    if (text && !text->is_string())
      return fail("body: not a text");
    if (binary && !binary->is_string())
      return fail("bodyBase64: not a text");
    if (text)
      into.payload = own(std::string{text->get_string()});
    if (!binary)
      return true;
    auto decoded = base64_decode(std::string_view{binary->get_string()});
    if (!decoded)
      return fail("bodyBase64: is not base64");
    into.payload = own(std::move(*decoded));
    return true;
  }

  bool read_id(message_head& head) {
    const auto* const id = from_.if_contains("messageId");
    if (!id)
      return true;
    if (!id->is_string())
      return fail("messageId: not a text");
    head.system.push_back({"messageId", std::string{id->get_string()}});
    return true;
  }

  bool read_properties(message_head& head) {
    const auto* const all = from_.if_contains("properties");
    if (!all)
      return true;
    if (!all->is_object())
      return fail("properties: not an object");
    for (const auto& [name, value] : all->get_object()) {
      if (name.empty() || (!value.is_string() && !value.is_null()))
        return fail("properties: names need texts, or null");
      set_property(head.user, std::string_view{name},
                   value.is_null()
                     ? std::nullopt
                     : std::optional{std::string{value.get_string()}});
    }
    return true;
  }

  bool read_life(wall_time now, send_c2d& into) {
    const auto* const life = from_.if_contains("expiresInSeconds");
    if (!life)
      return true;
    if (!life->is_int64() || life->get_int64() < 1
        || life->get_int64() > longest_life)
      return fail("expiresInSeconds: not a number from 1 to 100 years");
    into.expires = now + std::chrono::seconds{life->get_int64()};
    return true;
  }

  bool read_ack(message_head& head, send_c2d& into) {
    const auto* const wanted = from_.if_contains("ack");
    if (!wanted)
      return true;
    for (std::size_t i = 0; i < ack_names.size(); ++i)
      if (wanted->is_string()
          && std::string_view{wanted->get_string()} == ack_names[i]) {
        into.ack = static_cast<c2d_ack>(i);
        set_property(head.user, "iothub-ack", std::string{ack_names[i]});
        return true;
      }
    return fail("ack: not none, positive, negative or full");
  }

  const json::object& from_;
  std::string& why_;
};

} // namespace

std::optional<send_c2d> parse_c2d_document(std::string_view text, wall_time now,
                                           std::string& why) {
  boost::system::error_code failed;
  const auto document = json::parse(text, failed);
  if (failed || !document.is_object()) {
    why = "the body is not a JSON object";
    return std::nullopt;
  }
  send_c2d made;
  if (!c2d_reader{document.get_object(), why}.read(now, made))
    return std::nullopt;
  return made;
}

json::object c2d_document(const c2d_record& message, bool under_way) {
  json::object out{
    {"sequence", message.sequence},
    {"messageId", message.message_id},
    {"enqueuedTime", format_time(message.enqueued)},
    {"deliveryCount", message.delivery_count},
    {"bytes", message.size},
    {"ack", ack_names[static_cast<std::size_t>(message.ack)]},
    {"state", under_way ? "under way" : "waiting"},
  };
  if (message.expires != no_expiry)
    out["expiryTime"] = format_time(message.expires);
  return out;
}

} // namespace tidegate
