#pragma once

#include "messages/deployment/field_error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::deployment {

/// Takes typed members out of one JSON object. What is missing or of the
/// wrong type becomes a `field_error` that names the full path; the caller
/// goes on with a default, so that all errors of a document show at once.
/// Names are compared without case where `any_case` says so.
class field_reader {
public:
  enum class presence { required, optional };
  using enum presence;

  /// Both `object` and `errors` must outlive the reader.
  field_reader(const boost::json::object& object, std::string path,
               field_errors& errors)
    : object_{object}, path_{std::move(path)}, errors_{errors} {}

  /// The member, or null. Adds an error when a required one is missing.
  const boost::json::value* find(std::string_view name,
                                 presence needed = optional) const;
  const boost::json::value* find_any_case(std::string_view name,
                                          presence needed = optional) const;

  std::optional<std::string> text(std::string_view name,
                                  presence needed = optional) const;
  std::optional<std::string> text_any_case(std::string_view name,
                                           presence needed = optional) const;
  /// An integer from `least` to `most`.
  std::optional<std::uint64_t>
  number(std::string_view name, std::uint64_t least, std::uint64_t most) const;
  std::optional<bool> boolean(std::string_view name) const;
  /// The member as an object; null, with an error, when it is anything else.
  const boost::json::object* object(std::string_view name,
                                    presence needed = optional) const;
  /// An array of texts, or one text, which counts as an array of one.
  std::optional<std::vector<std::string>> texts(std::string_view name) const;

  /// A reader for an object that lies below this one.
  field_reader below(std::string_view name,
                     const boost::json::object& object) const {
    return {object, path_of(name), errors_};
  }

  void fail(std::string_view name, std::string problem, int code = 400) const;
  std::string path_of(std::string_view name) const;
  const boost::json::object& all() const { return object_; }
  field_errors& errors() const { return errors_; }

private:
  const boost::json::value* demand(const boost::json::value* found,
                                   std::string_view name,
                                   presence needed) const;
  std::optional<std::string> as_text(const boost::json::value* found,
                                     std::string_view name) const;

  const boost::json::object& object_;
  std::string path_;
  field_errors& errors_;
};

} // namespace tidegate::deployment
