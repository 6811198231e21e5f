#pragma once

#include "actors/routing/event_log.hpp"
#include "actors/service/service_link.hpp"

#include <string>

namespace tidegate {

/// A link on which readers of events ask about the log; the answers go out on
/// the link that the question names.
class hub_questions final : public service_link {
public:
  static constexpr int credit = 20;

  hub_questions(service_link_context& context, pn_link_t* link);

  void take(pn_delivery_t* delivery, const bytes& encoded) override;

private:
  void tell_partition(const std::string& to, const std::string& id);
  void tell_last(const event_log_actor& log, const std::string& to,
                 const std::string& id);
  void answer(const std::string& to, std::string encoded);
  void refuse(const std::string& to, const std::string& id,
              const std::string& why);
  std::string_view entity() const;
};

/// A link on which the answers go out.
class hub_answers final : public service_link {
public:
  hub_answers(service_link_context& context, pn_link_t* link);
  ~hub_answers() override;

  void granted() override { sender_.pump(); }

private:
  settled_sender sender_;
  std::string address_;
};

} // namespace tidegate
