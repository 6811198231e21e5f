#include "actors/clients/twin_call.hpp"

#include "messages/ec.hpp"

#include <utility>

namespace tidegate {

namespace {

/// The twin may have to be fetched from the parent (edge-hub spec 6.2).
constexpr std::chrono::seconds patience{60};

} // namespace

twin_answered answer_of(std::uint64_t call, const caf::error& error) {
  if (error == ec::bad_argument)
    return {call, 400, nullptr, false};
  return {call, 500, nullptr, error != ec::malformed};
}

void call_twin(caf::event_based_actor* session, const twins_actor& twins,
               twin_operation what, std::uint64_t call) {
  const auto failed = [session, call](const caf::error& error) {
    session->send(session, answer_of(call, error));
  };
  if (!twins)
    return failed(ec::unavailable);
  if (!what.patch) {
    session->request(twins, patience, get_twin{std::move(what.id)})
      .then(
        [session, call](const twin_text& twin) {
          session->send(session, twin_answered{call, 200, twin.json, false});
        },
        failed);
    return;
  }
  session
    ->request(twins, patience,
              report_properties{std::move(what.id), std::move(*what.patch)})
    .then(
      [session, call](const properties_reported&) {
        session->send(session, twin_answered{call, 204, nullptr, false});
      },
      failed);
}

} // namespace tidegate
