#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// What stands in the places of a topic: name of the place, and value.
using topic_places = std::map<std::string, std::string, std::less<>>;

/// A topic with named places, `sites/{edge}/{device}/telemetry`: where a
/// message goes at a broker, and what a topic at a broker means. A place is a
/// whole level. Values are percent-encoded, so that whatever an identity or an
/// output is called, it stays one level and no wildcard.
class topic_template {
public:
  /// Reads a template whose places are among `known`. Nothing, and what is
  /// wrong in `why`, when it is none.
  static std::optional<topic_template>
  parse(std::string_view text, const std::vector<std::string_view>& known,
        std::string& why);

  bool has(std::string_view place) const;
  bool empty() const { return levels_.empty(); }

  /// Whether a topic comes of it even when no other place but these has a
  /// value.
  bool stands_with(const std::vector<std::string_view>& places) const;

  /// The topic for `values`. The level of a place without value is left out.
  std::string topic(const topic_places& values) const;

  /// The filter that selects every topic of this template, with what is
  /// `fixed` already filled in.
  std::string filter(const topic_places& fixed) const;

  /// Takes `topic` apart. Adds what stands in the places to `values`; where
  /// one is there already, the topic must have it. Returns what follows the
  /// last level of the template, without the `/` before it; nothing when the
  /// topic is not of this template.
  std::optional<std::string_view> read(std::string_view topic,
                                       topic_places& values) const;

private:
  struct level {
    std::string text; ///< of the level, or the name of the place
    bool is_place = false;
  };

  std::vector<level> levels_;
};

/// No topic is longer (MQTT 3.1.1, section 1.5.3).
inline constexpr std::size_t longest_topic = 65'535;

} // namespace tidegate
