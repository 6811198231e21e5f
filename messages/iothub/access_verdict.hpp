#pragma once

#include "messages/iothub/access_policy.hpp"
#include "messages/iothub/sas_token.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// What somebody with a policy's token wants.
struct access_wish {
  access_rights rights; ///< all of these are needed
  /// What it is about, below the host: `/twins/pump-7`.
  std::string_view path;
};

enum class access_verdict {
  granted,
  no_policy, ///< the token names no policy, or one that there is not
  expired,
  wrong_audience, ///< for another host, or for something else on this one
  wrong_signature,
  no_right, ///< a good token of a policy that does not allow this
};

/// Judges a token whose `skn` names a policy. Its `sr` is a host of this hub,
/// perhaps with a scheme in front and a path behind, which then must begin
/// the wish's path.
access_verdict judge_access(const sas_token& token, const access_wish& wish,
                            const std::vector<access_policy>& policies,
                            std::span<const std::string> hosts, sas_time now);

/// The path of a token's resource, below its host: `/twins/pump-7`, or empty.
std::string access_path(std::string_view resource);

/// For logs and answers.
std::string_view to_string(access_verdict verdict);

} // namespace tidegate
