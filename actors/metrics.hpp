#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <set>
#include <string>

namespace tidegate {

/// The node's metrics: one place that knows names, help texts and the labels
/// every edge hub metric carries (edge-hub spec, section 11). Instruments
/// live as long as this object; ask once, keep the reference. Thread-safe.
///
/// Label values come from clients, so their number is bounded, per name: past
/// `most_of_one` label sets of one client (`id` or `from`) its outputs are
/// counted as `other`; past `most_series` of all, or `most_summaries`, which
/// are a hundred times as large, every label reads `other`; and so does a value
/// longer than `longest_value`. `tidegate_metric_series_refused_total` counts
/// how often.
class metrics {
public:
  static constexpr std::size_t most_series = 5000;
  static constexpr std::size_t most_summaries = 500;
  static constexpr std::size_t most_of_one = 200;
  static constexpr std::size_t longest_value = 512; ///< bytes
  /// What a label reads instead of one value too many.
  static constexpr auto other = "other";

  /// `hub_labels` (iothub, edge_device, instance_number) are added to all
  /// names that start with `edgehub_` or `edgeAgent_`.
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
  /// The label sets of one name.
  struct family {
    std::set<prometheus::Labels> known;
    std::map<std::string, std::size_t> of_client;
    bool full = false; ///< and said so
  };

  prometheus::Labels constant_labels(const std::string& name) const;
  prometheus::Labels bounded(const std::string& name,
                             const prometheus::Labels& labels,
                             std::size_t most);
  void refused(const std::string& name, family& of);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Labels hub_labels_;
  std::mutex mutex_;
  std::map<std::string, family> families_;
};

} // namespace tidegate
