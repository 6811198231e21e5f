#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <string>

namespace tidegate {

/// The node's metrics: one place that knows names, help texts and the labels
/// every edge hub metric carries (edge-hub spec, section 11). Instruments
/// live as long as this object; ask once, keep the reference. Thread-safe.
///
/// Label values come from clients, so their number is bounded: past
/// `most_series` per name, further label sets share one series in which every
/// label reads `other`.
class metrics {
public:
  static constexpr std::size_t most_series = 5000;

  /// `hub_labels` (iothub, edge_device, instance_number) are added to all
  /// names that start with `edgehub_`.
  metrics(std::shared_ptr<prometheus::Registry> registry,
          prometheus::Labels hub_labels);

  prometheus::Counter& counter(const std::string& name, const std::string& help,
                               const prometheus::Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                           const prometheus::Labels& labels = {});
  /// Quantiles 0.1, 0.5, 0.9 and 0.99 over `window`.
  prometheus::Summary& summary(const std::string& name, const std::string& help,
                               const prometheus::Labels& labels = {},
                               std::chrono::milliseconds window
                               = std::chrono::minutes{10});

  const std::shared_ptr<prometheus::Registry>& registry() const {
    return registry_;
  }

private:
  prometheus::Labels constant_labels(const std::string& name) const;
  prometheus::Labels bounded(const std::string& name,
                             const prometheus::Labels& labels);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Labels hub_labels_;
  std::mutex mutex_;
  std::map<std::string, std::map<prometheus::Labels, bool>> series_;
};

} // namespace tidegate
