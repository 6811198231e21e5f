#include "benchmarks/harness/bench/target.hpp"

#include <charconv>

namespace tidegate::harness {

namespace {

class looked_at final : public bench_server {
public:
  explicit looked_at(int pid) : pid_(pid) {}
  int pid() const override { return pid_; }
  void end() override {}
  std::string start() override { return "the server is somebody else's"; }

private:
  int pid_;
};

} // namespace

std::shared_ptr<bench_server> foreign_server(int pid) {
  return pid > 0 ? std::make_shared<looked_at>(pid) : nullptr;
}

endpoint parse_endpoint(const std::string& text, layer over) {
  const auto colon = text.rfind(':');
  endpoint found;
  found.over = over;
  found.address = text.substr(0, colon);
  found.host = found.address;
  if (colon != std::string::npos)
    std::from_chars(text.data() + colon + 1, text.data() + text.size(),
                    found.port);
  return found;
}

bench_target make_target(const bench_options& options, event_loop& loop) {
  if (options.own_node)
    return own_target(options, loop);
  if (!options.config.empty())
    return configured_target(options);
  if (!options.credentials.empty())
    return credentials_target(options);
  return broker_target(options, loop);
}

} // namespace tidegate::harness
