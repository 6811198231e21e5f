#pragma once

#include "actors/log.hpp"
#include "messages/error_text.hpp"
#include "messages/twin_messages.hpp"

#include <caf/response_promise.hpp>

#include <functional>
#include <utility>

namespace tidegate {

/// The answer to `report_properties`, due when two things have happened: the
/// twin is written, and the notice is routed. The first error is the answer.
class report_answer {
public:
  using promise = caf::typed_response_promise<properties_reported>;

  /// `taken` is called before the good answer.
  report_answer(promise to, std::int64_t version, std::function<void()> taken)
    : to_{std::move(to)}, version_{version}, taken_{std::move(taken)} {}

  void part_done(const caf::error& error) {
    if (error && !error_)
      error_ = error;
    if (--missing_ > 0)
      return;
    if (error_) {
      to_.deliver(std::move(error_));
      return;
    }
    taken_();
    to_.deliver(properties_reported{version_});
  }

private:
  promise to_;
  std::int64_t version_;
  std::function<void()> taken_;
  int missing_ = 2;
  caf::error error_;
};

/// Answers a report that changes nothing, and says why in the log.
inline void refuse_report(report_answer::promise to, const identity_id& id,
                          caf::error why) {
  log::info("twins", "a reported patch was refused",
            {{"id", to_string(id)}, {"reason", error_text(why)}});
  to.deliver(std::move(why));
}

} // namespace tidegate
