#pragma once

#include "actors/uplink/link_pair.hpp"
#include "actors/uplink/link_retry.hpp"
#include "actors/uplink/link_user.hpp"
#include "actors/uplink/remote_calls.hpp"
#include "messages/amqp/twin_mapping.hpp"

#include <list>
#include <string>
#include <string_view>

namespace tidegate {

/// What is said with the parent about the twin of one identity (edge-hub spec
/// 2.8): questions, answers, changes of desired properties. The links are
/// opened by the first question. Those that are followed are opened again when
/// the parent closes them.
class twin_links : public link_user {
public:
  twin_links(dialog_tools& tools, const identity_id& id);
  ~twin_links();

  /// Asks; `then` is called once, in any case.
  void ask(amqp::twin_verb verb, std::string_view body, remote_calls::end then);

  /// The parent is to say when desired properties change, or need not.
  void follow(bool wanted, remote_calls::end then);

  /// Gives up what was asked too long ago, and opens links that are due.
  void look_around();

  void close() { pair_.close(); }

  /// As in `method_links`. Who has had no links may have missed changes, and is
  /// told so when it has some again.
  std::size_t lacking() const { return lacks_ ? 2 : 0; }
  void take_turn();
  void give_turn();

  bool is_open() const { return pair_.is_open(); }
  /// Nothing is lost by closing them.
  bool idle() const { return !follows() && calls_.empty(); }
  /// The parent has been asked to tell changes on them.
  bool follows() const { return follows_ && !lacks_; }
  dialog_tools::clock::time_point last_used() const { return last_used_; }

  void flowed(pn_link_t* link) override;
  void arrived(pn_delivery_t* delivery) override;
  void ended(pn_link_t* link, std::string_view condition) override;

private:
  struct request {
    std::string correlation;
    std::string encoded;
  };

  bool open(dialog_tools::purpose why);
  void open_again();
  void follow_again();
  void queue(amqp::twin_verb verb, std::string_view body,
             remote_calls::end then);
  void pump();
  void take(const bytes& encoded);
  void answer(const amqp::twin_notice& notice, bytes body);
  void lost(const caf::error& why);
  void fail_all(const caf::error& why);

  dialog_tools& tools_;
  const identity_id& id_;
  link_pair pair_;
  remote_calls calls_;
  std::list<request> waiting_; ///< for the parent's credit
  link_retry retry_;
  bool follows_ = false;
  bool lacks_ = false; ///< links to follow on
  dialog_tools::clock::time_point last_used_{};
};

} // namespace tidegate
