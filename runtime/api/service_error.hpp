#pragma once

#include "messages/identity_id.hpp"
#include "runtime/api/actor_bridge.hpp"

#include <string_view>

namespace tidegate {

/// An error as the service SDKs of IoT Hub read it: the status, a code in the
/// header `iothub-errorcode`, and the body
/// `{"Message":"ErrorCode:CODE;TEXT","ExceptionMessage":"TEXT"}`.
http::response service_error(unsigned status, std::string_view code,
                             std::string_view text);

/// A callback that answers with an error about `id` in that form.
std::function<void(const caf::error&)>
tell_service_error(http::responder answer, const identity_id& id);

/// The same for a method call to `id`: who is not found is not connected.
std::function<void(const caf::error&)>
tell_method_error(http::responder answer);

} // namespace tidegate
