#pragma once

#include "runtime/http/responder.hpp"

#include <map>
#include <string>
#include <vector>

namespace tidegate::http {

/// The values of a pattern's `{names}`, percent-decoded.
using path_parameters = std::map<std::string, std::string, std::less<>>;

using route_handler
  = std::function<void(const request&, const path_parameters&, responder)>;

/// Sends requests to handlers by method and path. A trailing `/` is ignored.
/// An unknown path is answered with 404, an unknown method of a known path
/// with 405 or what the maker says (400 for the daemon's APIs, edge-agent
/// spec 6), broken percent-encoding with 400.
class router {
public:
  explicit router(unsigned wrong_method = 405) : wrong_method_{wrong_method} {}

  /// `pattern` is a path like `/modules/{name}/logs`; a name stands for one
  /// whole segment. The first match, in the order added, wins.
  void add(std::string method, std::string_view pattern, route_handler handle);

  void operator()(const request& asked, responder answer) const;

private:
  struct route {
    std::string method;
    std::vector<std::string> segments;
    route_handler handle;
  };

  unsigned wrong_method_;
  std::vector<route> routes_;
};

} // namespace tidegate::http
