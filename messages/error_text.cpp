#include "messages/error_text.hpp"

#include "messages/ec.hpp"

#include <caf/atom.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace tidegate {

namespace {

std::string meaning(ec code) {
  switch (code) {
  case ec::ok:
    return "no error";
  case ec::bad_argument:
    return "an argument is wrong";
  case ec::not_found:
    return "not found";
  case ec::unauthorized:
    return "not authorised";
  case ec::store_full:
    return "the store's quota is used up";
  case ec::store_failed:
    return "the store cannot be written or read";
  case ec::store_damaged:
    return "the store is damaged";
  case ec::lane_gone:
    return "the lane does not exist any more";
  case ec::unavailable:
    return "not available right now";
  case ec::timed_out:
    return "no answer in time";
  case ec::refused:
    return "refused";
  case ec::io_failed:
    return "reading or writing failed";
  case ec::exists:
    return "exists already";
  case ec::stale:
    return "has changed meanwhile";
  case ec::malformed:
    return "cannot be read";
  }
  return "unknown error";
}

} // namespace

std::string error_text(const caf::error& error) {
  if (!error)
    return meaning(ec::ok);
  if (error.context().match_elements<std::string>())
    return error.context().get_as<std::string>(0);
  if (error.category() == caf::atom("tidegate"))
    return meaning(static_cast<ec>(error.code()));
  if (error == caf::sec::request_timeout)
    return meaning(ec::timed_out);
  return caf::to_string(error);
}

} // namespace tidegate
