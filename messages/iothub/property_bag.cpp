#include "messages/iothub/property_bag.hpp"

#include "messages/iothub/percent.hpp"

#include <unordered_map>

namespace tidegate {

namespace {

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// Collects entries with names unique without case. A bag fits in a topic of
/// 64 KiB, which is room for thousands of names: past a few, look them up by
/// hash.
class entry_list {
public:
  void set(std::string name, std::optional<std::string> value) {
    if (auto* known = find(name)) {
      known->value = std::move(value);
      return;
    }
    if (!index_.empty() || entries_.size() >= linear_limit)
      add_to_index(name);
    entries_.push_back({std::move(name), std::move(value)});
  }

  std::vector<property> take() { return std::move(entries_); }

private:
  static constexpr std::size_t linear_limit = 16;

  property* find(std::string_view name) {
    if (!index_.empty()) {
      const auto at = index_.find(lower_case(name));
      return at == index_.end() ? nullptr : &entries_[at->second];
    }
    for (auto& entry : entries_)
      if (equal_without_case(entry.name, name))
        return &entry;
    return nullptr;
  }

  void add_to_index(std::string_view name) {
    if (index_.empty())
      for (std::size_t i = 0; i < entries_.size(); ++i)
        index_.emplace(lower_case(entries_[i].name), i);
    index_.emplace(lower_case(name), entries_.size());
  }

  std::vector<property> entries_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// What is wrong with a pair, or nothing. Adds it when it is fine.
std::string_view read_pair(std::string_view pair, entry_list& out) {
  if (pair.empty())
    return "empty pair in property bag";
  const auto equals = pair.find('=');
  if (equals == 0)
    return "property without a name";
  auto name = percent_decode(pair.substr(0, equals));
  if (equals == std::string_view::npos || equals + 1 == pair.size()) {
    out.set(std::move(name), std::nullopt);
    return {};
  }
  const auto value = pair.substr(equals + 1);
  if (value.find('=') != std::string_view::npos)
    return "raw = in a property value";
  out.set(std::move(name), percent_decode(value));
  return {};
}

} // namespace

property_bag decode_property_bag(std::string_view text) {
  text = text.substr(0, text.find('/'));
  if (text.empty())
    return {};
  entry_list entries;
  for (bool more = true; more;) {
    const auto ampersand = text.find('&');
    more = ampersand != std::string_view::npos;
    const auto why = read_pair(text.substr(0, ampersand), entries);
    if (!why.empty())
      return {{}, why};
    text.remove_prefix(more ? ampersand + 1 : text.size());
  }
  return {entries.take(), {}};
}

void append_bag_entry(std::string& out, std::size_t begin,
                      std::string_view name, const std::string* value) {
  if (out.size() != begin)
    out.push_back('&');
  percent_encode(out, name);
  if (value) {
    out.push_back('=');
    percent_encode(out, *value);
  }
}

void encode_property_bag(std::string& out,
                         const std::vector<property>& entries) {
  const auto begin = out.size();
  for (const auto& [name, value] : entries)
    append_bag_entry(out, begin, name, value ? &*value : nullptr);
}

} // namespace tidegate
