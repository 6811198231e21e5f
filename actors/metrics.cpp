#include "actors/metrics.hpp"

namespace tidegate {

metrics::metrics(std::shared_ptr<prometheus::Registry> registry,
                 prometheus::Labels hub_labels)
  : registry_{std::move(registry)}, hub_labels_{std::move(hub_labels)} {}

prometheus::Labels metrics::constant_labels(const std::string& name) const {
  return name.starts_with("edgehub_") ? hub_labels_ : prometheus::Labels{};
}

prometheus::Labels metrics::bounded(const std::string& name,
                                    const prometheus::Labels& labels) {
  const std::lock_guard guard{mutex_};
  auto& known = series_[name];
  if (known.contains(labels))
    return labels;
  if (known.size() < most_series) {
    known.emplace(labels, true);
    return labels;
  }
  auto shared = labels;
  for (auto& [key, value] : shared)
    value = "other";
  return shared;
}

prometheus::Counter& metrics::counter(const std::string& name,
                                      const std::string& help,
                                      const prometheus::Labels& labels) {
  return prometheus::BuildCounter()
    .Name(name)
    .Help(help)
    .Labels(constant_labels(name))
    .Register(*registry_)
    .Add(bounded(name, labels));
}

prometheus::Gauge& metrics::gauge(const std::string& name,
                                  const std::string& help,
                                  const prometheus::Labels& labels) {
  return prometheus::BuildGauge()
    .Name(name)
    .Help(help)
    .Labels(constant_labels(name))
    .Register(*registry_)
    .Add(bounded(name, labels));
}

prometheus::Summary& metrics::summary(const std::string& name,
                                      const std::string& help,
                                      const prometheus::Labels& labels,
                                      std::chrono::milliseconds window) {
  const prometheus::Summary::Quantiles quantiles{
    {0.1, 0.05}, {0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
  return prometheus::BuildSummary()
    .Name(name)
    .Help(help)
    .Labels(constant_labels(name))
    .Register(*registry_)
    .Add(bounded(name, labels), quantiles, window, 5);
}

} // namespace tidegate
