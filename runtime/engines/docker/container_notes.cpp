#include "runtime/engines/docker/container_notes.hpp"

#include "runtime/engines/docker/json_access.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

namespace tidegate::docker {

namespace {

std::optional<unsigned> count_at(const boost::json::value& in,
                                 std::string_view pointer) {
  const auto number = number_at(in, pointer);
  if (number < 0 || number > std::numeric_limits<unsigned>::max())
    return std::nullopt;
  return static_cast<unsigned>(number);
}

} // namespace

std::string encode(const container_notes& notes) {
  const boost::json::object fields{{"id", notes.id},
                                   {"toldToStop", notes.told_to_stop},
                                   {"attempts", notes.restarts.attempts},
                                   {"restarts", notes.restarts.restarts},
                                   {"lastRestart", notes.restarts.last_restart},
                                   {"proven", notes.restarts.proven},
                                   {"memo", notes.memo}};
  return boost::json::serialize(fields);
}

std::optional<container_notes> decode_notes(std::string_view text) {
  boost::json::error_code failed;
  const auto from = boost::json::parse(text, failed);
  if (failed)
    return std::nullopt;
  container_notes notes;
  notes.id = text_at(from, "/id");
  const auto attempts = count_at(from, "/attempts");
  const auto restarts = count_at(from, "/restarts");
  if (notes.id.empty() || !attempts || !restarts)
    return std::nullopt;
  notes.told_to_stop = truth_at(from, "/toldToStop");
  notes.restarts.attempts = *attempts;
  notes.restarts.restarts = *restarts;
  notes.restarts.last_restart = number_at(from, "/lastRestart");
  notes.restarts.proven = truth_at(from, "/proven");
  notes.memo = text_at(from, "/memo");
  return notes;
}

} // namespace tidegate::docker
