#include "messages/broker/publication.hpp"

#include "messages/iothub/message_document.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/iothub/property_bag.hpp"

#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

topic_places places_of(const std::string& edge, const message_head& head) {
  topic_places places{{"edge", edge},
                      {"device", head.sender.device},
                      {"module", head.sender.module}};
  const auto* output = find_property(head.system, "outputName");
  if (output && output->value)
    places["output"] = *output->value;
  return places;
}

/// The topic says who sent it; the bag need not.
void add_bag(std::string& topic, const message_head& head) {
  auto properties = outbound_properties(head);
  std::erase_if(properties, [](const property& one) {
    return one.name == "$.cdid" || one.name == "$.cmid";
  });
  if (properties.empty())
    return;
  topic += '/';
  encode_property_bag(topic, properties);
}

} // namespace

const std::string& publication_writer::topic_of(const head_ptr& head) {
  if (head != last_head_) {
    topic_ = language_->telemetry.topic(places_of(language_->edge, *head));
    if (!language_->envelope)
      add_bag(topic_, *head);
    last_head_ = head;
  }
  return topic_;
}

std::string_view publication_writer::payload_of(const message_head& head,
                                                std::string_view payload) {
  if (!language_->envelope)
    return payload;
  boost::json::object document;
  write_message(document, head, payload);
  document_ = boost::json::serialize(document);
  return document_;
}

} // namespace tidegate
