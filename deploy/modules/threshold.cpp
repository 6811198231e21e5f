#include "modules/threshold.hpp"

#include <boost/json/parse.hpp>

namespace tidegate::module {

bool threshold::crossed_by(const std::string& body) const {
  if (field_ == "*")
    return true;
  boost::system::error_code failed;
  const auto document = boost::json::parse(body, failed);
  const auto* object = failed ? nullptr : document.if_object();
  const auto* value = object ? object->if_contains(field_) : nullptr;
  return value && value->is_number() && value->to_number<double>() > limit_;
}

} // namespace tidegate::module
