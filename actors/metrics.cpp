#include "actors/metrics.hpp"

#include "actors/log.hpp"

#include <utility>

namespace tidegate {

namespace {

/// Whom a label set is about; empty when it is about the node itself.
std::string client_of(const prometheus::Labels& labels) {
  for (const auto* key : {"id", "from"})
    if (const auto found = labels.find(key); found != labels.end())
      return found->second;
  return {};
}

/// Long values become `other`, and so do the names a client has given to its
/// outputs when it is `greedy`.
prometheus::Labels shortened(prometheus::Labels labels, bool greedy) {
  for (auto& [key, value] : labels) {
    const bool output = key == "route_output" || key == "from_route_output";
    if (value.size() > metrics::longest_value || (greedy && output))
      value = metrics::other;
  }
  return labels;
}

} // namespace

metrics::metrics(std::shared_ptr<prometheus::Registry> registry,
                 prometheus::Labels hub_labels)
  : registry_{std::move(registry)}, hub_labels_{std::move(hub_labels)} {}

prometheus::Labels metrics::constant_labels(const std::string& name) const {
  return name.starts_with("edgehub_") || name.starts_with("edgeAgent_")
           ? hub_labels_
           : prometheus::Labels{};
}

void metrics::refused(const std::string& name, family& of) {
  prometheus::BuildCounter()
    .Name("tidegate_metric_series_refused_total")
    .Help("Label sets counted under `other`, since there were too many; one "
          "that is looked up again counts again.")
    .Register(*registry_)
    .Add({{"metric", name}})
    .Increment();
  if (!std::exchange(of.full, true))
    log::warning(
      "metrics",
      "a metric has too many series; further ones are counted "
      "under `other`",
      {{"metric", name}, {"series", std::to_string(of.known.size())}});
}

prometheus::Labels metrics::bounded(const std::string& name,
                                    const prometheus::Labels& labels,
                                    std::size_t most) {
  const std::lock_guard guard{mutex_};
  auto& of = families_[name];
  if (of.known.contains(labels))
    return labels;
  const auto client = client_of(labels);
  const auto taken = of.of_client.find(client);
  const bool greedy = !client.empty() && taken != of.of_client.end()
                      && taken->second >= most_of_one;
  auto kept = shortened(labels, greedy);
  if (kept != labels)
    refused(name, of);
  if (of.known.contains(kept))
    return kept;
  if (of.known.size() < most) {
    ++of.of_client[client_of(kept)];
    of.known.insert(kept);
    return kept;
  }
  if (kept == labels)
    refused(name, of);
  for (auto& [key, value] : kept)
    value = metrics::other;
  return kept;
}

prometheus::Counter& metrics::counter(const std::string& name,
                                      const std::string& help,
                                      const prometheus::Labels& labels) {
  return prometheus::BuildCounter()
    .Name(name)
    .Help(help)
    .Labels(constant_labels(name))
    .Register(*registry_)
    .Add(bounded(name, labels, most_series));
}

prometheus::Gauge& metrics::gauge(const std::string& name,
                                  const std::string& help,
                                  const prometheus::Labels& labels) {
  return prometheus::BuildGauge()
    .Name(name)
    .Help(help)
    .Labels(constant_labels(name))
    .Register(*registry_)
    .Add(bounded(name, labels, most_series));
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
    .Add(bounded(name, labels, most_summaries), quantiles, window, 5);
}

} // namespace tidegate
