#include "messages/iothub/sas_token.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "messages/message_head.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace tidegate {

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

/// Last second of the year 9999; what is later is no time a token can have.
constexpr double latest_expiry = 253'402'300'799.0;

struct sas_field {
  std::string_view name;
  std::string_view value;
};

std::optional<sas_token> fail(std::string_view& why, std::string_view text) {
  why = text;
  return std::nullopt;
}

/// What follows the scheme and exactly one blank; empty when the text is not
/// made like that.
std::string_view fields_of(std::string_view text) {
  constexpr std::string_view scheme = "SharedAccessSignature";
  if (!text.starts_with(scheme))
    return {};
  text.remove_prefix(scheme.size());
  if (text.empty() || blanks.find(text[0]) == std::string_view::npos)
    return {};
  text.remove_prefix(1);
  return text.find_first_of(blanks) == std::string_view::npos
           ? text
           : std::string_view{};
}

/// Splits `a=b&c=d`. Says what is wrong with a field, or nothing.
std::string_view split_fields(std::string_view text,
                              std::vector<sas_field>& out) {
  while (!text.empty()) {
    const auto field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.empty())
      continue;
    const auto equals = field.find('=');
    if (equals == std::string_view::npos)
      return "token field without a value";
    const sas_field found{field.substr(0, equals), field.substr(equals + 1)};
    if (found.value.find('=') != std::string_view::npos)
      return "token field is not URL-encoded";
    const auto same = [&found](const sas_field& other) {
      return equal_without_case(found.name, other.name);
    };
    if (std::any_of(out.begin(), out.end(), same))
      return "token field is given twice";
    if (out.size() == 16)
      return "token has too many fields";
    out.push_back(found);
  }
  return {};
}

std::string_view value_of(const std::vector<sas_field>& fields,
                          std::string_view name) {
  for (const auto& field : fields)
    if (equal_without_case(field.name, name))
      return field.value;
  return {};
}

std::optional<sas_time> parse_expiry(std::string_view text) {
  double seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error]
    = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (error != std::errc{} || stop != end || !std::isfinite(seconds)
      || seconds < 0 || seconds > latest_expiry)
    return std::nullopt;
  return sas_time{
    std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)}};
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (parts.size() < 7) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos)
      break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

} // namespace

std::optional<sas_token> parse_sas_token(std::string_view text,
                                         std::string_view& why) {
  const auto body = fields_of(text);
  if (body.empty())
    return fail(why, "not a SharedAccessSignature with its fields");
  std::vector<sas_field> fields;
  if (const auto fault = split_fields(body, fields); !fault.empty())
    return fail(why, fault);
  sas_token token;
  token.resource = value_of(fields, "sr");
  token.expiry = form_decode(value_of(fields, "se"));
  const auto signature = base64_decode(form_decode(value_of(fields, "sig")));
  const auto expires = parse_expiry(token.expiry);
  if (token.resource.empty())
    return fail(why, "token has no sr");
  if (!signature || signature->empty())
    return fail(why, "token has no base64 sig");
  if (!expires)
    return fail(why, "token has no se in seconds since 1970");
  token.signature = *signature;
  token.expires = *expires;
  token.policy = form_decode(value_of(fields, "skn"));
  return token;
}

namespace {

using decoder = std::string (*)(std::string_view);

std::optional<sas_audience> read_audience(std::string_view resource,
                                          decoder once, decoder again) {
  const auto decoded = once(resource);
  const auto parts = split_path(decoded);
  const bool of_module = parts.size() == 5;
  if ((parts.size() != 3 && !of_module)
      || !equal_without_case(parts[1], "devices")
      || (of_module && !equal_without_case(parts[3], "modules")))
    return std::nullopt;
  sas_audience audience;
  audience.host = parts[0];
  audience.id.device = again(parts[2]);
  if (of_module)
    audience.id.module = again(parts[4]);
  if (audience.id.device.empty() || (of_module && audience.id.module.empty()))
    return std::nullopt;
  return audience;
}

std::string as_it_is(std::string_view text) { return std::string{text}; }

} // namespace

std::optional<sas_audience> parse_sas_audience(std::string_view resource) {
  const decoder plain = percent_decode;
  auto found = read_audience(resource, plain, plain);
  if (!found)
    return std::nullopt;
  for (const auto& [once, again] : {std::pair{plain, decoder{as_it_is}},
                                    {decoder{form_decode}, decoder{as_it_is}},
                                    {form_decode, form_decode}})
    if (auto other = read_audience(resource, once, again);
        other && !found->names(other->id))
      found->otherwise_read.push_back(std::move(other->id));
  return found;
}

bool sas_audience::names(const identity_id& whose) const {
  return id == whose
         || std::ranges::find(otherwise_read, whose) != otherwise_read.end();
}

bool expired(const sas_token& token, sas_time now) {
  return token.expires + sas_clock_skew < now;
}

bool covers(const sas_audience& audience, const identity_id& id,
            std::span<const std::string> hosts) {
  const bool host_known
    = std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
        return equal_without_case(host, audience.host);
      });
  return host_known && (audience.names(id) || audience.names({id.device, {}}));
}

bool signed_with(const sas_token& token, std::string_view key) {
  const auto key_bytes = base64_decode(key);
  return key_bytes && signed_with_text(token, *key_bytes);
}

bool signed_with_text(const sas_token& token, std::string_view key) {
  if (key.empty())
    return false;
  const auto expected
    = hmac_sha256(key, string_to_sign(token.resource, token.expiry));
  return expected.size() == token.signature.size()
         && CRYPTO_memcmp(expected.data(), token.signature.data(),
                          expected.size())
              == 0;
}

sas_verdict verify(const sas_token& token, const identity_id& id,
                   std::span<const std::string> hosts,
                   std::span<const std::string> keys, sas_time now) {
  if (expired(token, now))
    return sas_verdict::expired;
  const auto audience = parse_sas_audience(token.resource);
  if (!audience || !covers(*audience, id, hosts))
    return sas_verdict::wrong_audience;
  const bool matched
    = std::any_of(keys.begin(), keys.end(), [&token](const std::string& key) {
        return signed_with(token, key);
      });
  return matched ? sas_verdict::valid : sas_verdict::wrong_signature;
}

} // namespace tidegate
