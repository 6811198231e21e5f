#include "actors/clients/link_condition.hpp"

#include "messages/ec.hpp"

#include <proton/condition.h>

namespace tidegate {

link_condition storing_failed(const caf::error& error) {
  if (error == ec::store_full)
    return {condition::throttled, "the store is full; try again later"};
  if (error == ec::unavailable)
    return {condition::internal_error, "no routes are in force yet"};
  return {condition::internal_error, "the message could not be stored"};
}

link_condition joining_failed(const caf::error& error) {
  if (error == ec::refused)
    return {condition::limit_exceeded, "too many clients are connected"};
  if (error == ec::unauthorized)
    return {condition::not_allowed, "the client is not authenticated"};
  if (error == ec::not_found)
    return {condition::not_found, "the identity is not known"};
  return {condition::internal_error, "the client cannot be verified now"};
}

void set(pn_condition_t* target, const link_condition& why) {
  pn_condition_set_name(target, why.name);
  pn_condition_set_description(target, why.description.c_str());
}

} // namespace tidegate
