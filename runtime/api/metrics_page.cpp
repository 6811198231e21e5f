#include "runtime/api/metrics_page.hpp"

#include <boost/asio/post.hpp>
#include <prometheus/text_serializer.h>

#include <utility>

namespace tidegate {

void metrics_page::show(http::responder to) {
  bool is_first = false;
  {
    const std::lock_guard guard{mutex_};
    is_first = waiting_.empty();
    waiting_.push_back(std::move(to));
  }
  if (is_first)
    boost::asio::post(writer_, [this] { write(); });
}

void metrics_page::write() {
  const auto text
    = prometheus::TextSerializer{}.Serialize(registry_->Collect());
  std::vector<http::responder> asked;
  {
    const std::lock_guard guard{mutex_};
    asked = std::exchange(waiting_, {});
  }
  for (const auto& one : asked)
    one.send({200, text, "text/plain; version=0.0.4; charset=utf-8"});
}

} // namespace tidegate
