#pragma once

#include "runtime/http/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace tidegate::docker {

/// One call of the Engine API.
struct engine_call {
  std::string method = "GET";
  std::string target; ///< without the version
  std::string body;   ///< JSON
  http::header_list headers;
  /// Until the answer is there, or has begun when it is followed (edge-agent
  /// spec 5.1).
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds most_silence{0}; ///< as in `http::call`
};

/// Speaks with a container engine over its unix socket, in a version that
/// both know: 1.41, the nearest one that the engine still has, never one
/// below 1.40. All of it on the thread of the context.
class engine_api {
public:
  engine_api(boost::asio::io_context& context, std::string socket);

  /// Asks once. Any answer is a result, whatever its status; an error means
  /// that the engine is not there, or not one to speak with.
  boost::asio::awaitable<http::result> ask(engine_call what);

  /// Asks until the engine is there. One that is and does not answer in time
  /// counts as an answer with status 504.
  boost::asio::awaitable<http::response> insist(engine_call what);

  /// Asks once and passes the answer on as it comes, see `http::follow`.
  boost::asio::awaitable<http::result>
  follow(engine_call what, std::function<bool(std::string_view)> on_piece);

  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);

private:
  /// Empty text once a version is chosen, else why there is none.
  boost::asio::awaitable<caf::error> choose_version();
  http::call made_of(engine_call what) const;
  /// Notes whether the engine is there, and says so when that changes.
  void heard(const http::result& answer);

  boost::asio::io_context& context_;
  http::endpoint server_;
  std::string version_; ///< `/v1.41`; empty when it is not known
  bool away_ = false;
};

/// What an engine says to an error: its message, else its status.
std::string message_of(const http::response& answer);

/// The body; null when it is no JSON.
boost::json::value document_of(const http::response& answer);

/// The version to speak with an engine that knows those from `least` to
/// `newest` (`1.12`, `1.41`), as `1.41`; empty when there is none.
std::string choose_api_version(const std::string& least,
                               const std::string& newest);

/// Asks the engine at `socket` for its version and waits for the answer. What
/// is wrong with it, or empty text. For `tidegate check`.
std::string probe_engine_api(const std::string& socket);

} // namespace tidegate::docker
