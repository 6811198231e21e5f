#pragma once

#include <string_view>

namespace tidegate {

/// Whether a client that calls itself so over AMQP (the link property
/// `com.microsoft:client-version`) confuses the outcomes of messages that it
/// decides about together. That of the Azure SDK for Node.js does: its AMQP
/// library, rhea, gives the second of two neighbours the outcome of the first
/// (`write_dispositions` in `session.js`, 1.0.24 to 3.0.5), so that an
/// abandoned message counts as complete, or a completed one comes again. Its
/// outcomes can be relied on for one message at a time.
bool merges_outcomes(std::string_view client_version);

} // namespace tidegate
