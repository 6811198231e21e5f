#pragma once

#include "actors/identity/policy_board.hpp"
#include "messages/block.hpp"
#include "messages/iothub/access_verdict.hpp"
#include "runtime/http/router.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// Lets in who shows a token of a policy that has the right.
class service_gate {
public:
  service_gate(std::shared_ptr<const policy_board> policies,
               std::vector<std::string> hosts, std::function<wall_time()> now)
    : policies_{std::move(policies)}, hosts_{std::move(hosts)}, now_{std::move(
                                                                  now)} {}

  access_verdict judge(const http::request& asked, access_rights rights) const;

private:
  std::shared_ptr<const policy_board> policies_;
  std::vector<std::string> hosts_;
  std::function<wall_time()> now_;
};

/// Whether the request carries a token of one of `policies`, or of one that
/// there is no more, and not one of a device or module, which may name any
/// policy: the calls of services and of edge devices have the same paths.
bool is_service_call(const http::request& asked,
                     const std::vector<access_policy>& policies);

} // namespace tidegate
