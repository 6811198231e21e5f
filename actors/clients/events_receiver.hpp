#pragma once

#include "actors/clients/head_cache.hpp"
#include "actors/clients/ingress.hpp"
#include "actors/clients/link_condition.hpp"
#include "messages/amqp/batch.hpp"
#include "messages/iothub/auth_method.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pn_link_t;

namespace tidegate {

/// An events link: what one identity sends (edge-hub spec 2.4 to 2.7).
///
/// A client sends on before it learns that a transfer was rejected. To keep
/// its order the link then refuses everything until the client has given its
/// credit back ("drain", AMQP 1.0, section 2.6.7): what it sends on new credit
/// it sends in the knowledge of what was rejected.
class events_receiver {
public:
  /// Transfers that may be on their way or wait for the store at once.
  static constexpr int credit = 1000;
  using clock = std::chrono::steady_clock;

  /// `model_id` is what the client said when it attached; may be empty.
  /// `method` is by what it was let in.
  events_receiver(pn_link_t* link, identity_id sender, std::string model_id,
                  auth_method method);

  /// Hands the messages of one transfer to `into`, all with the same ticket,
  /// or none of them: then returns what is wrong. Their payloads share
  /// `encoded`.
  std::optional<link_condition> take(const bytes& encoded, ingress& into,
                                     ingress::ticket mark);

  /// Gives the client new credit for what was settled since.
  void replenish();

  /// The store has refused a transfer, at `now`: reject, for the same reason,
  /// what comes until the client knows.
  void refuse(link_condition why, clock::time_point now);

  struct refusal {
    link_condition why;
    clock::time_point since;
  };
  /// Why transfers are to be rejected; nothing while they are not.
  const std::optional<refusal>& refusing() const { return refusing_; }

  /// Takes transfers again if the client knows. Call it when what was rejected
  /// is written. Returns whether the client has credit again.
  bool resume();

private:
  std::optional<link_condition> prepare(const amqp::message_sections& from,
                                        ingress& into);
  link_condition wrong(const ingress& into, std::string_view reason,
                       std::string why) const;

  pn_link_t* link_;
  identity_id sender_;
  std::string model_id_;
  auth_method method_;
  std::optional<refusal> refusing_;
  head_cache heads_;
  amqp::batch batch_; ///< of the transfer at hand, as are the next two
  std::vector<routed_head_ptr> prepared_;
  std::string joined_;
};

} // namespace tidegate
