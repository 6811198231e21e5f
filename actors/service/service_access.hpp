#pragma once

#include "actors/identity/policy_board.hpp"
#include "messages/block.hpp"
#include "messages/iothub/access_verdict.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// The tokens of shared access policies that came over one connection, and
/// what they allow. Each question is judged anew: tokens expire, and keys are
/// renewed, while a connection lasts.
class service_access {
public:
  /// Tokens for different resources on one connection.
  static constexpr std::size_t most_tokens = 100;

  service_access(std::shared_ptr<const policy_board> policies,
                 std::vector<std::string> hosts, std::function<wall_time()> now)
    : policies_{std::move(policies)}, hosts_{std::move(hosts)}, now_{std::move(
                                                                  now)} {}

  /// Whether `token` is one of a service, and not of a device or module.
  static bool is_for_service(std::string_view token);

  /// Takes a token in, if it is good for anything here.
  access_verdict put(std::string_view token);

  /// Whether one of the tokens allows what a link at `path` does.
  access_verdict judge(std::string_view path) const;

private:
  std::shared_ptr<const policy_board> policies_;
  std::vector<std::string> hosts_;
  std::function<wall_time()> now_;
  std::map<std::string, sas_token> tokens_; ///< by resource
};

} // namespace tidegate
