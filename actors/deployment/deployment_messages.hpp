#pragma once

#include "messages/deployment/field_error.hpp"

#include <boost/json/object.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace tidegate {

/// To the deployment actor: what is deployed, and how it went. Answered with
/// `deployment_document`.
struct get_deployment {};

/// `{"source":"twin"|"local","version":n,"status":{"code","description"},
/// "reported":{...}}`; the last without what is secret.
struct deployment_document {
  boost::json::object value;
};

/// To the deployment actor of a node that is its own source: deploy this
/// manifest, and keep it in the place of the configured one. Answered with
/// `deployment_judged` once it is in hand, or `ec::refused` when deployments
/// come from elsewhere.
struct apply_deployment {
  std::string manifest;
};

/// What is wrong with a manifest; nothing: it is taken.
struct deployment_judged {
  deployment::field_errors errors;
};

/// To `agent_methods`: pack what helps to find out what is wrong with modules
/// (edge-agent spec 8.3). Answered with `support_bundle`.
struct make_support_bundle {
  /// Of their logs, in milliseconds since 1970.
  std::optional<std::int64_t> since, until;
  bool runtime_only = false; ///< without modules of the deployment
};

struct support_bundle {
  std::string zip;
};

/// To the deployment actor: read the configured manifest again.
struct reload_deployment {};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_deployment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_document)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::apply_deployment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::deployment_judged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::make_support_bundle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::support_bundle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::reload_deployment)
