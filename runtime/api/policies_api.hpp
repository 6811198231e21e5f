#pragma once

#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/policy_book.hpp"
#include "runtime/http/router.hpp"

#include <memory>
#include <string>

namespace tidegate {

/// The operator's calls about shared access policies: `GET /policies`,
/// `POST /policies`, `GET` and `DELETE /policies/{name}`, `POST
/// /policies/{name}/renew[?key=secondary]`. A policy is shown with its
/// connection strings for `host`. Without a book: 409, this is a gateway.
void add_policies_api(http::router& to, std::shared_ptr<policy_book> book,
                      const std::string& host, actor_bridge actors);

} // namespace tidegate
