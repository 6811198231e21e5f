#include "runtime/api/event_stream.hpp"

#include <atomic>
#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

constexpr std::size_t page_bytes = 256 * 1024;
constexpr auto longest_wait = std::chrono::seconds{20};

/// One reader of the log. Asks for a page, writes it, and asks for the next
/// one when there is room: at most one page is under way.
class event_stream : public std::enable_shared_from_this<event_stream> {
public:
  event_stream(event_log_actor log, actor_bridge actors,
               event_stream_options options)
    : log_{std::move(log)}, actors_{std::move(actors)}, options_{options} {}

  void start(const http::responder& answer) {
    std::weak_ptr<event_stream> weak = shared_from_this();
    http::stream_events events;
    events.ready = [self = shared_from_this()] { self->next(); };
    events.closed = [weak] {
      if (const auto self = weak.lock())
        self->closed_ = true;
    };
    body_ = answer.stream(200, "application/x-ndjson", std::move(events));
    next();
  }

private:
  void next() {
    if (closed_)
      return;
    const std::chrono::milliseconds wait{
      options_.follow ? std::chrono::milliseconds{longest_wait}
                      : std::chrono::milliseconds{0}};
    actors_.ask<events_page>(
      log_, read_events{options_.from, page_bytes, wait},
      [self = shared_from_this()](const events_page& page) {
        self->write(page);
      },
      [self = shared_from_this()](const caf::error&) { self->end(); },
      2 * longest_wait);
  }

  void write(const events_page& page) {
    std::string text;
    for (const auto& block : page.blocks) {
      for (auto offset = std::max(block.first, options_.from);
           offset < block.end(); ++offset) {
        const auto index = static_cast<std::uint32_t>(offset - block.first);
        text
          += boost::json::serialize(event_document(offset, *block.data, index));
        text += '\n';
      }
      options_.from = std::max(options_.from, block.end());
    }
    if (page.blocks.empty() && !options_.follow)
      return end();
    if (text.empty())
      return next();
    if (body_->write(std::move(text)) == http::flow::ready)
      next();
  }

  void end() {
    closed_ = true;
    body_->finish();
  }

  event_log_actor log_;
  actor_bridge actors_;
  event_stream_options options_;
  http::body_stream_ptr body_;
  std::atomic<bool> closed_ = false;
};

} // namespace

void stream_events_to(const http::responder& answer, event_log_actor log,
                      const actor_bridge& actors,
                      event_stream_options options) {
  std::make_shared<event_stream>(std::move(log), actors, options)
    ->start(answer);
}

} // namespace tidegate
