#include "benchmarks/harness/bench/target.hpp"
#include "benchmarks/harness/nodes/client_identity.hpp"

#include <fstream>
#include <sstream>

namespace tidegate::harness {

namespace {

/// Adds the client of one line, `publish|subscribe CONNECTION-STRING`; what
/// is wrong with the line, or empty.
std::string add_line(const std::string& line, const bench_options& options,
                     bench_target& to) {
  std::istringstream words{line};
  std::string does, text, why;
  if (!(words >> does) || does.starts_with('#'))
    return {};
  if (does != "publish" && does != "subscribe")
    return "`" + does + "` is neither publish nor subscribe";
  std::getline(words >> std::ws, text);
  const auto credentials = parse_connection_string(text, why);
  if (!credentials)
    return why;
  const auto as = does == "publish" ? role::publish : role::subscribe;
  if (as == role::subscribe && !credentials->id.is_module())
    return "only a module can subscribe";
  auto door = parse_endpoint(options.at, options.over);
  door.host = credentials->target();
  auto one = identify(*credentials, door, options.speaks, as);
  one.spec.window = options.window;
  one.spec.payload_size = options.size;
  auto& group = as == role::publish ? to.main.publishers : to.main.subscribers;
  group.push_back(std::move(one.spec));
  return one.fault;
}

} // namespace

bench_target credentials_target(const bench_options& options) {
  bench_target target;
  target.server = foreign_server(options.server_pid);
  std::ifstream in{options.credentials};
  if (!in)
    target.fault = options.credentials + " cannot be read";
  std::size_t number = 0;
  for (std::string line; target.fault.empty() && std::getline(in, line);) {
    ++number;
    if (const auto why = add_line(line, options, target); !why.empty())
      target.fault
        = options.credentials + ":" + std::to_string(number) + ": " + why;
  }
  if (target.fault.empty() && target.main.publishers.empty())
    target.fault = options.credentials + " names nobody who publishes";
  return target;
}

} // namespace tidegate::harness
