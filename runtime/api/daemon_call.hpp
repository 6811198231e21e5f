#pragma once

#include "runtime/http/responder.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

// What the workload and the management API of a gateway's modules have in
// common (edge-agent spec 6). Whatever is wrong is answered, and nothing is
// returned.

/// True when the request names a version of the API that is known, not older
/// than `since`: 400 without one that is known, 404 for a call that is newer.
bool has_api_version(const http::request& asked, const http::responder& answer,
                     std::string_view since = "2018-06-28");

/// The JSON object in the body: 400 without a body, 422 when it is none.
std::optional<boost::json::object> body_object(const http::request& asked,
                                               const http::responder& answer);

/// The text `name` of a body: 422 when there is none.
std::optional<std::string> body_text(const boost::json::object& body,
                                     std::string_view name,
                                     const http::responder& answer);

/// The bytes at `name` of a body: 422 when there are none, 400 when they are
/// not base64.
std::optional<std::string> body_bytes(const boost::json::object& body,
                                      std::string_view name,
                                      const http::responder& answer);

} // namespace tidegate
