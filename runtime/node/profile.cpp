#include "runtime/node/profile.hpp"

#include "messages/ec.hpp"

#include <algorithm>
#include <fstream>
#include <unistd.h>

namespace tidegate {

namespace {

caf::expected<std::string> connection_text(const config& from) {
  if (from.parent.connection_file.empty())
    return from.parent.connection;
  std::ifstream in{from.parent.connection_file};
  std::string line;
  if (!std::getline(in, line))
    return caf::make_error(ec::bad_argument,
                           "parent.connection_file: cannot read "
                             + from.parent.connection_file.string());
  return line;
}

} // namespace

std::string machine_name() {
  char name[256]{};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
    return "localhost";
  return name;
}

caf::expected<node_profile> make_profile(const config& from) {
  node_profile made;
  made.host = from.node.host.empty() ? machine_name() : from.node.host;
  made.has_broker = from.has_broker();
  if (from.is_hub() || from.has_broker()) {
    made.hub_host = from.node.hub_host.empty() ? made.host : from.node.hub_host;
    made.device = from.node.device.empty() ? made.host : from.node.device;
    return made;
  }
  const auto text = connection_text(from);
  if (!text)
    return text.error();
  std::string why;
  made.parent = parse_connection_string(*text, why);
  if (!made.parent)
    return caf::make_error(ec::bad_argument, "parent.connection: " + why);
  if (made.parent->id.is_module() || made.parent->key.empty())
    return caf::make_error(ec::bad_argument,
                           "parent.connection: must name an edge device and "
                           "its SharedAccessKey");
  made.hub_host = made.parent->host;
  made.device = made.parent->id.device;
  return made;
}

std::vector<std::string> hosts_of(const node_profile& who) {
  std::vector<std::string> all{who.host};
  for (const std::string& name :
       {who.is_hub() ? who.hub_host : who.host, machine_name(),
        std::string{"localhost"}, std::string{"127.0.0.1"}, std::string{"::1"}})
    if (std::find(all.begin(), all.end(), name) == all.end())
      all.push_back(name);
  return all;
}

} // namespace tidegate
