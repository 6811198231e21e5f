#pragma once

#include "runtime/commands/options.hpp"

#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// Calls the management socket of a running node and tells the operator, on
/// stderr, what went wrong.
class operator_client {
public:
  /// Throws `CLI::ValidationError` (exit code 2) when the configuration that
  /// the operator named cannot be used.
  explicit operator_client(const common_options& options);

  /// The JSON answer, or nothing after the reason was printed.
  std::optional<boost::json::value>
  call(const std::string& method, const std::string& target,
       const std::string& body = {},
       std::chrono::milliseconds timeout = std::chrono::seconds{30}) const;

  /// Passes an answer without an end on, piece by piece, until it ends or
  /// `on_piece` returns false. False after the reason was printed.
  bool follow(const std::string& target,
              const std::function<bool(std::string_view)>& on_piece) const;

private:
  std::string socket_;
};

} // namespace tidegate
