#include "actors/c2d/feedback_document.hpp"

#include "messages/amqp/time_text.hpp"

#include <boost/json/value.hpp>

namespace tidegate {

boost::json::object feedback_document(const c2d_feedback& feedback) {
  return {
    {"sequence", feedback.of.sequence},
    {"deviceId", feedback.of.device},
    {"deviceGenerationId", feedback.of.generation},
    {"originalMessageId", feedback.of.message_id},
    {"enqueuedTimeUtc",
     amqp::time_text(feedback.at.time_since_epoch().count())},
    {"statusCode", to_string(feedback.fate)},
    {"description", to_string(feedback.fate)},
  };
}

} // namespace tidegate
