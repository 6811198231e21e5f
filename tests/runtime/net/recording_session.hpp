#pragma once

#include "actors/clients/transport.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a session saw.
struct session_record {
  tidegate::transport_ptr transport;
  caf::actor actor;
  std::string text;
  std::vector<std::string> batches;
  std::optional<std::string> closed;
  unsigned drained = 0;
};

using record_ptr = std::shared_ptr<session_record>;

/// A session that writes down what it gets and gives read credit back only
/// when the test does.
inline caf::behavior recording_session(caf::event_based_actor* self,
                                       record_ptr record) {
  return {
    [record](const tidegate::received& message) {
      record->text += message.data.view;
      record->batches.emplace_back(message.data.view);
    },
    [record](const tidegate::drained&) { ++record->drained; },
    [self, record](const tidegate::closed& message) {
      record->closed = message.reason;
      self->quit();
    },
  };
}
