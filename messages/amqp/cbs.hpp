#pragma once

#include "messages/amqp/sections.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// A request to the `$cbs` node (edge-hub spec 2.3), views into the message.
struct put_token {
  /// The encoded `message-id`, to be echoed as it is; empty when absent.
  std::string_view message_id;
  std::string_view audience;
  std::string_view token;
};

/// Reads a put-token request; nothing, with the reason in `why`, when it is
/// another operation, another kind of token, or lacks its name or token.
/// `message_id` is set in any case when the message has one, so that the
/// refusal finds its way back.
std::optional<put_token> read_put_token(const message_sections& from,
                                        std::string_view& message_id,
                                        std::string& why);

/// Encodes a put-token request, as the uplink sends it.
std::string write_put_token(std::string_view message_id,
                            std::string_view audience, std::string_view token);

/// Encodes the answer: `status` 200, 400 or 500, and a sentence.
std::string write_cbs_reply(std::string_view request_id, int status,
                            std::string_view description);

/// The answer to a put-token request.
struct cbs_reply {
  std::string correlation_id;
  int status = 0;
  std::string description;
};

/// Reads an answer; nothing when it carries no status. Parents write the
/// status as any kind of number.
std::optional<cbs_reply> read_cbs_reply(const message_sections& from);

} // namespace tidegate::amqp
