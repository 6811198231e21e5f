#pragma once

#include "messages/identity_id.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// Milliseconds since 1970-01-01 UTC, as a SAS token counts its expiry.
using sas_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// How long a token is still taken after it has expired, for clocks that
/// differ (edge-hub spec 3.1).
inline constexpr std::chrono::minutes sas_clock_skew{5};

/// A shared access signature (edge-hub spec 3.1), parsed but not verified.
struct sas_token {
  std::string resource; ///< `sr`, exactly as sent: it is what was signed
  std::string expiry;   ///< `se`, the text that was signed
  sas_time expires{};
  std::string signature; ///< the bytes, base64 removed
  std::string policy; ///< `skn`: whose key signed it; empty: the identity's own
};

/// Whom a token's `sr` speaks of. Clients escape ids once or twice, with `+` or
/// `%20` for a space: where these readings differ there is more than one id,
/// and the token may be for any of them. Its signature is one identity's.
struct sas_audience {
  std::string host;
  identity_id id; ///< decoded twice, where `+` is a plus
  std::vector<identity_id> otherwise_read;

  /// Whether one of the readings is `whose`, letter for letter.
  bool names(const identity_id& whose) const;
};

/// Reads `SharedAccessSignature sr=...&sig=...&se=...`. On failure returns
/// nothing and says in `why` what is wrong. Expiry is not judged.
std::optional<sas_token> parse_sas_token(std::string_view text,
                                         std::string_view& why);

/// Reads `host/devices/{d}[/modules/{m}]` from a token's encoded `sr`; nothing
/// when it says something else.
std::optional<sas_audience> parse_sas_audience(std::string_view resource);

/// True when `token` is past its expiry by more than the clock skew.
bool expired(const sas_token& token, sas_time now);

/// Whether a token for `audience` may speak for `id`: its host is one of
/// `hosts`, and it names the identity itself or, for a module, its device.
/// Host names compare without case, ids with it, as the registry does.
bool covers(const sas_audience& audience, const identity_id& id,
            std::span<const std::string> hosts);

/// Whether `token` was signed with `key` (base64). Compares in constant time.
bool signed_with(const sas_token& token, std::string_view key);

/// The same with the text of a key as it is, which need not be base64: so sign
/// the clients of Event Hubs. An empty key signs nothing.
bool signed_with_text(const sas_token& token, std::string_view key);

enum class sas_verdict { valid, expired, wrong_audience, wrong_signature };

/// Judges `token` for `id`: expiry, audience, then the signature against each
/// of `keys` (base64; empty ones never match) in turn.
sas_verdict verify(const sas_token& token, const identity_id& id,
                   std::span<const std::string> hosts,
                   std::span<const std::string> keys, sas_time now);

} // namespace tidegate
