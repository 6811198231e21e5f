#include "runtime/engines/docker/container_logs.hpp"

#include "messages/error_text.hpp"
#include "runtime/engines/docker/container_facts.hpp"
#include "runtime/engines/docker/engine_time.hpp"
#include "runtime/engines/docker/log_frames.hpp"

#include <deque>

namespace tidegate::docker {

namespace {

/// Of lines that are kept until it is known which are the last.
constexpr std::size_t most_kept = 16u << 20;

/// An engine takes the last lines of a whole log, then those in time. That is
/// the same unless there is an end of time, so that the last lines before it
/// are picked here.
bool picks_last(const log_query& query) {
  return query.tail.has_value() && query.until.has_value();
}

std::string target_for(const std::string& name, const log_query& query) {
  auto target
    = "/containers/" + name + "/logs?stdout=true&stderr=true&timestamps=true";
  if (query.follow)
    target += "&follow=true";
  if (query.since)
    target += "&since=" + engine_time(*query.since);
  if (query.until)
    target += "&until=" + engine_time(*query.until);
  if (query.tail && !picks_last(query))
    target += "&tail=" + std::to_string(*query.tail);
  return target;
}

/// Between the engine's answer and the sink.
class log_reading {
public:
  log_reading(bool framed, log_query query, std::shared_ptr<log_sink> sink)
    : frames_{framed}, query_{query}, sink_{std::move(sink)} {}

  /// False when no more is wanted.
  bool take(std::string_view piece) {
    std::vector<log_line> lines;
    const auto good = frames_.feed(piece, lines);
    return pass(std::move(lines)) && good;
  }

  void end(std::string problem) {
    std::vector<log_line> lines;
    frames_.finish(lines);
    if (!pass(std::move(lines)))
      return;
    lines.assign(std::make_move_iterator(kept_.begin()),
                 std::make_move_iterator(kept_.end()));
    if (!lines.empty() && !sink_->lines(std::move(lines)))
      return;
    if (problem.empty())
      problem = frames_.problem();
    sink_->end(problem);
  }

private:
  bool pass(std::vector<log_line> lines) {
    // The engine looks at seconds only, in some of its log drivers.
    std::erase_if(lines, [&](const log_line& line) {
      const auto time = line.time / 1000;
      return (query_.since && time < *query_.since)
             || (query_.until && time >= *query_.until);
    });
    if (gone_ || lines.empty())
      return !gone_;
    if (!picks_last(query_)) {
      gone_ = !sink_->lines(std::move(lines));
      return !gone_;
    }
    for (auto& line : lines)
      keep(std::move(line));
    return true;
  }

  void keep(log_line line) {
    kept_size_ += line.text.size();
    kept_.push_back(std::move(line));
    while (kept_.size() > *query_.tail || kept_size_ > most_kept) {
      kept_size_ -= kept_.front().text.size();
      kept_.pop_front();
    }
  }

  log_frames frames_;
  log_query query_;
  std::shared_ptr<log_sink> sink_;
  std::deque<log_line> kept_;
  std::size_t kept_size_ = 0;
  bool gone_ = false;
};

} // namespace

boost::asio::awaitable<void>
read_container_log(engine_api& api, std::string name, log_query query,
                   std::shared_ptr<log_sink> sink) {
  engine_call look;
  look.target = "/containers/" + name + "/json";
  const auto looked = co_await api.ask(std::move(look));
  if (!looked)
    co_return sink->end(error_text(looked.error()));
  const auto facts = read_container(document_of(*looked));
  if (looked->status != 200 || !facts || !facts->owned)
    co_return sink->end("there is no such module");
  log_reading reading{!facts->terminal, query, sink};
  engine_call what;
  what.target = target_for(name, query);
  auto on_piece
    = [&reading](std::string_view piece) { return reading.take(piece); };
  const auto answer = co_await api.follow(std::move(what), on_piece);
  if (!answer)
    reading.end(error_text(answer.error()));
  else
    reading.end(answer->status < 400 ? std::string{} : message_of(*answer));
}

} // namespace tidegate::docker
