#pragma once

#include "storage/c2d_record.hpp"

#include <boost/json/object.hpp>

namespace tidegate {

/// What became of a message, as IoT Hub tells it: `deviceId`,
/// `originalMessageId`, `statusCode`, ...
boost::json::object feedback_document(const c2d_feedback& feedback);

} // namespace tidegate
