#include "runtime/engines/docker/engine_api.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "runtime/engines/docker/json_access.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <optional>

namespace tidegate::docker {

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::milliseconds;

constexpr unsigned wanted_minor = 41;
constexpr unsigned least_minor = 40;
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{2'000};

/// The minor number of a version 1.x.
std::optional<unsigned> minor_of(const std::string& version) {
  if (!version.starts_with("1."))
    return std::nullopt;
  unsigned minor = 0;
  const auto* last = version.data() + version.size();
  const auto [end, failed] = std::from_chars(version.data() + 2, last, minor);
  return failed == std::errc{} && end == last ? std::optional{minor}
                                              : std::nullopt;
}

std::string version_in(const http::response& answer) {
  const auto document = document_of(answer);
  return choose_api_version(text_at(document, "/MinAPIVersion"),
                            text_at(document, "/ApiVersion"));
}

constexpr auto too_old = "the container engine knows no version of its API "
                         "that is known here; it must know 1.40 or later";

http::endpoint at(std::string socket) {
  http::endpoint server;
  server.unix_path = std::move(socket);
  return server;
}

/// A completion handler of Asio's, which can only be moved, as one that can
/// be copied.
template <class Handler>
std::function<void(http::result)> copyable(Handler handler) {
  return [shared = std::make_shared<Handler>(std::move(handler))](
           http::result answer) { std::move (*shared)(std::move(answer)); };
}

} // namespace

engine_api::engine_api(asio::io_context& context, std::string socket)
  : context_{context}, server_{at(std::move(socket))} {}

awaitable<void> engine_api::pause(milliseconds time) {
  asio::steady_timer timer{context_, time};
  co_await timer.async_wait(asio::use_awaitable);
}

http::call engine_api::made_of(engine_call what) const {
  http::call call;
  call.method = std::move(what.method);
  call.target = version_ + what.target;
  call.body = std::move(what.body);
  call.headers = std::move(what.headers);
  call.timeout = what.timeout;
  call.most_silence = what.most_silence;
  return call;
}

void engine_api::heard(const http::result& answer) {
  if (answer || answer.error() == ec::timed_out) {
    if (std::exchange(away_, false))
      log::info("modules", "the container engine is there again");
    return;
  }
  // It may be another one when it comes back.
  version_.clear();
  if (!std::exchange(away_, true))
    log::warning("modules", "the container engine is away",
                 {{"why", error_text(answer.error())}});
}

awaitable<caf::error> engine_api::choose_version() {
  if (!version_.empty())
    co_return caf::error{};
  engine_call what;
  what.target = "/version";
  auto call = made_of(std::move(what));
  auto start = [this](auto handler, http::call asked) {
    http::fetch(context_, server_, std::move(asked),
                copyable(std::move(handler)));
  };
  const auto answer
    = co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(http::result)>(
      start, asio::use_awaitable, std::move(call));
  if (!answer) {
    heard(answer);
    co_return answer.error();
  }
  const auto chosen = version_in(*answer);
  if (chosen.empty())
    co_return caf::make_error(ec::unavailable, std::string{too_old});
  version_ = "/v" + chosen;
  co_return caf::error{};
}

awaitable<http::result> engine_api::ask(engine_call what) {
  if (auto failed = co_await choose_version())
    co_return failed;
  auto call = made_of(std::move(what));
  auto start = [this](auto handler, http::call asked) {
    http::fetch(context_, server_, std::move(asked),
                copyable(std::move(handler)));
  };
  auto answer = co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                              void(http::result)>(
    start, asio::use_awaitable, std::move(call));
  heard(answer);
  co_return answer;
}

awaitable<http::result>
engine_api::follow(engine_call what,
                   std::function<bool(std::string_view)> on_piece) {
  if (auto failed = co_await choose_version())
    co_return failed;
  auto call = made_of(std::move(what));
  auto start = [this](auto handler, http::call asked,
                      std::function<bool(std::string_view)> each) {
    http::follow(context_, server_, std::move(asked), std::move(each),
                 copyable(std::move(handler)));
  };
  auto answer = co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                              void(http::result)>(
    start, asio::use_awaitable, std::move(call), std::move(on_piece));
  heard(answer);
  co_return answer;
}

awaitable<http::response> engine_api::insist(engine_call what) {
  for (auto wait = first_pause;; wait = std::min(wait * 2, longest_pause)) {
    auto answer = co_await ask(what);
    if (answer)
      co_return std::move(*answer);
    if (answer.error() == ec::timed_out)
      co_return http::error_response(504, error_text(answer.error()));
    co_await pause(wait);
  }
}

std::string message_of(const http::response& answer) {
  auto text = text_at(document_of(answer), "/message");
  return text.empty() ? "status " + std::to_string(answer.status) : text;
}

boost::json::value document_of(const http::response& answer) {
  boost::json::error_code failed;
  auto document = boost::json::parse(answer.body, failed);
  return failed ? boost::json::value{} : document;
}

std::string choose_api_version(const std::string& least,
                               const std::string& newest) {
  const auto last = minor_of(newest);
  const auto first = minor_of(least).value_or(0);
  if (!last || *last < least_minor)
    return {};
  return "1." + std::to_string(std::max(std::min(wanted_minor, *last), first));
}

std::string probe_engine_api(const std::string& socket) {
  http::call what;
  what.target = "/version";
  what.timeout = milliseconds{5'000};
  const auto answer = http::fetch(at(socket), what);
  if (!answer)
    return error_text(answer.error());
  return version_in(*answer).empty() ? too_old : std::string{};
}

} // namespace tidegate::docker
