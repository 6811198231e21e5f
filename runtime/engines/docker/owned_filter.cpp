#include "runtime/engines/docker/owned_filter.hpp"

#include "messages/deployment/create_body.hpp"
#include "messages/iothub/percent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::docker {

std::string
owned_filter(const std::map<std::string, std::vector<std::string>>& more) {
  boost::json::object filters;
  boost::json::array labels;
  labels.emplace_back(std::string{deployment::owner_label} + '='
                      + deployment::owner_name);
  filters["label"] = std::move(labels);
  for (const auto& [name, values] : more) {
    boost::json::array all;
    for (const auto& one : values)
      all.emplace_back(one);
    filters[name] = std::move(all);
  }
  return percent_encode(boost::json::serialize(filters));
}

} // namespace tidegate::docker
