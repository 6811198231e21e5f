#pragma once

#include "messages/broker/topic_template.hpp"
#include "runtime/config/config.hpp"
#include "runtime/config/values.hpp"
#include "runtime/net/ip_network.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <utility>
#include <vector>

namespace tidegate {

/// Takes a value from the file into the configuration; returns what is wrong
/// with it, or nothing.
using setter = std::function<std::optional<std::string>(const toml::node&)>;

struct setting {
  config_key key;
  setter set;
};
/// A list of settings, each of one kind and bound to a member of a
/// configuration: what it may be, and what is said when it is not.
class settings {
public:
  /// Paths are taken from `root`.
  explicit settings(std::filesystem::path root) : root_{std::move(root)} {}

  const std::vector<setting>& all() const { return all_; }
  void text(std::string name, std::string& member, std::string meaning,
            std::vector<std::string> choices = {}) {
    add(std::move(name), '"' + member + '"', std::move(meaning),
        [&member, choices = std::move(choices)](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a text in quotes";
          if (!choices.empty()
              && std::find(choices.begin(), choices.end(), *given)
                   == choices.end()) {
            std::string list;
            for (const auto& choice : choices)
              list += (list.empty() ? "" : ", ") + choice;
            return "must be one of: " + list;
          }
          member = *given;
          return std::nullopt;
        });
  }

  /// A list of texts; `fault` says what is wrong with one, or nothing.
  void list(std::string name, std::vector<std::string>& member,
            std::string meaning,
            std::function<std::string(const std::string&)> fault) {
    add(std::move(name), "[]", std::move(meaning),
        [&member, fault = std::move(fault)](
          const toml::node& value) -> std::optional<std::string> {
          const auto* given = value.as_array();
          if (!given)
            return "must be a list of texts, such as [\"a\", \"b\"]";
          std::vector<std::string> all;
          for (const auto& one : *given) {
            const auto text = one.value_exact<std::string>();
            if (!text)
              return "must be a list of texts, such as [\"a\", \"b\"]";
            if (const auto why = fault(*text); !why.empty())
              return '`' + *text + "` " + why;
            all.push_back(*text);
          }
          member = std::move(all);
          return std::nullopt;
        });
  }

  void names(std::string name, std::vector<std::string>& member,
             std::string meaning) {
    list(std::move(name), member, std::move(meaning),
         [](const std::string& one) -> std::string {
           return one.empty() || one.find('/') != std::string::npos
                    ? "is no name of a module"
                    : "";
         });
  }

  void networks(std::string name, std::vector<std::string>& member,
                std::string meaning) {
    list(std::move(name), member, std::move(meaning),
         [](const std::string& one) -> std::string {
           return ip_network::parse(one)
                    ? ""
                    : "is no network such as 10.1.0.0/16 or fd00::/8";
         });
  }

  void flag(std::string name, bool& member, std::string meaning) {
    add(std::move(name), member ? "true" : "false", std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value_exact<bool>();
          if (!given)
            return "must be true or false";
          member = *given;
          return std::nullopt;
        });
  }

  /// A topic with places from `known`; `check` says what else is wrong.
  void topic(std::string name, std::string& member, std::string meaning,
             const std::vector<std::string_view>& known,
             std::function<std::string(const topic_template&)> check) {
    add(std::move(name), '"' + member + '"', std::move(meaning),
        [&member, known, check = std::move(check)](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a text in quotes";
          member = *given;
          if (given->empty())
            return check({}).empty() ? std::nullopt : std::optional{check({})};
          std::string why;
          const auto read = topic_template::parse(*given, known, why);
          if (read)
            why = check(*read);
          return why.empty() ? std::nullopt : std::optional{why};
        });
  }

  void path(std::string name, std::filesystem::path& member,
            std::string meaning) {
    add(std::move(name), '"' + member.string() + '"', std::move(meaning),
        [&member,
         root = root_](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a path in quotes";
          member = given->empty() ? std::filesystem::path{} : root / *given;
          return std::nullopt;
        });
  }

  void number(std::string name, std::int64_t& member, std::string meaning,
              std::int64_t least, std::int64_t most) {
    add(std::move(name), std::to_string(member), std::move(meaning),
        [&member, least,
         most](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::int64_t>();
          if (!value.is_integer() || *given < least || *given > most)
            return "must be a whole number from " + std::to_string(least)
                   + " to " + std::to_string(most);
          member = *given;
          return std::nullopt;
        });
  }

  void size(std::string name, std::int64_t& member, std::string initial,
            std::string meaning, const std::string& least) {
    add(
      std::move(name), '"' + initial + '"', std::move(meaning),
      [&member, least](const toml::node& value) -> std::optional<std::string> {
        const auto given = value.is_integer()
                             ? value.value<std::int64_t>()
                             : parse_size(value.value_or(std::string{}));
        if (!given || *given < parse_size(least))
          return "must be a size such as \"512 MiB\" or \"10 GiB\", and at "
                 "least "
                 + least;
        member = *given;
        return std::nullopt;
      });
  }

  /// Like `size`, but there need be none: an empty text or 0.
  void size_or_none(std::string name, std::int64_t& member, std::string meaning,
                    const std::string& least) {
    add(
      std::move(name), "\"\"", std::move(meaning),
      [&member, least](const toml::node& value) -> std::optional<std::string> {
        const auto text = value.value_or(std::string{});
        const auto given = value.is_integer() ? value.value<std::int64_t>()
                           : value.is_string() && text.empty()
                             ? std::optional<std::int64_t>{0}
                             : parse_size(text);
        if (!given || (*given != 0 && *given < parse_size(least)))
          return "must be a size such as \"512 MiB\" or \"10 GiB\", and at "
                 "least "
                 + least + ", or \"\" for none";
        member = *given;
        return std::nullopt;
      });
  }

  template <class Duration>
  void duration(std::string name, Duration& member, std::string initial,
                std::string meaning, bool may_be_infinite = false) {
    add(std::move(name), '"' + initial + '"', std::move(meaning),
        [&member, may_be_infinite](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = parse_duration(value.value_or(std::string{}));
          if (!given || (given->count() < 0 && !may_be_infinite))
            return "must be a duration such as \"250ms\", \"30s\" or \"2h\"";
          member = given->count() < 0
                     ? Duration{-1}
                     : std::chrono::duration_cast<Duration>(*given);
          return std::nullopt;
        });
  }

  void days(std::string name, std::chrono::days& member, std::string meaning) {
    add(std::move(name), '"' + std::to_string(member.count()) + "d\"",
        std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = parse_duration(value.value_or(std::string{}));
          const std::chrono::days whole{given ? given->count() / 86'400'000
                                              : 0};
          if (!given || whole.count() < 1 || *given != whole)
            return "must be whole days, such as \"1d\" or \"7d\"";
          member = whole;
          return std::nullopt;
        });
  }

  void time_of_day(std::string name, std::chrono::minutes& member,
                   std::string meaning) {
    add(std::move(name), "\"00:00\"", std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = parse_time_of_day(value.value_or(std::string{}));
          if (!given)
            return "must be a time of day from \"00:00\" to \"23:59\"";
          member = *given;
          return std::nullopt;
        });
  }

  void address(std::string name, std::optional<listen_address>& member,
               std::string meaning) {
    add(std::move(name), "\"\"", std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value_or(std::string{"-"});
          member.reset();
          if (given.empty())
            return std::nullopt;
          member = parse_listen_address(given);
          if (!member)
            return "must be an address such as \"127.0.0.1:8883\" or "
                   "\"*:8883\", or \"\" for off";
          return std::nullopt;
        });
  }

private:
  void add(std::string name, std::string initial, std::string meaning,
           setter set) {
    all_.push_back({{std::move(name), std::move(initial), std::move(meaning)},
                    std::move(set)});
  }
  std::filesystem::path root_;
  std::vector<setting> all_;
};

/// Every key of a configuration, bound to the members of `into`, which must
/// outlive it.
settings settings_of(config& into);

} // namespace tidegate
