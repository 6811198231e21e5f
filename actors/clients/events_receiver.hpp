#pragma once

#include "actors/clients/head_cache.hpp"
#include "actors/clients/ingress.hpp"
#include "actors/clients/link_condition.hpp"
#include "messages/amqp/batch.hpp"

#include <optional>
#include <string>
#include <vector>

struct pn_link_t;

namespace tidegate {

/// An events link: what one identity sends (edge-hub spec 2.4 to 2.7).
class events_receiver {
public:
  /// Transfers that may be on their way or wait for the store at once.
  static constexpr int credit = 1000;

  /// `model_id` is what the client said when it attached; may be empty.
  events_receiver(pn_link_t* link, identity_id sender, std::string model_id);

  /// Hands the messages of one transfer to `into`, all with the same ticket,
  /// or none of them: then returns what is wrong. Their payloads share
  /// `encoded`.
  std::optional<link_condition> take(const bytes& encoded, ingress& into,
                                     ingress::ticket mark);

  /// Gives the client new credit for what was settled since.
  void replenish();

private:
  std::optional<link_condition> prepare(const amqp::message_sections& from,
                                        ingress& into);

  pn_link_t* link_;
  identity_id sender_;
  std::string model_id_;
  head_cache heads_;
  amqp::batch batch_; ///< of the transfer at hand, as are the next two
  std::vector<routed_head_ptr> prepared_;
  std::string joined_;
};

} // namespace tidegate
