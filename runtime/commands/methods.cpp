#include "messages/iothub/percent.hpp"
#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/config/values.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

struct method_options : common_options {
  std::string target;
  std::string name;
  std::string payload = "null";
  std::string timeout = "30s";
  std::string wait = "0s";
};

int wrong_usage(const char* what) {
  std::fprintf(stderr, "tidegate: %s\n", what);
  return 2;
}

/// `pump-7` and `edge-1/filter` as parts of a path.
std::string path_of(const std::string& target) {
  const auto cut = target.find('/');
  if (cut == std::string::npos)
    return percent_encode(target);
  return percent_encode(target.substr(0, cut)) + '/'
         + percent_encode(target.substr(cut + 1));
}

int invoke(const method_options& with) {
  boost::system::error_code broken;
  json::parse(with.payload, broken);
  if (broken)
    return wrong_usage("--payload is not JSON");
  const auto timeout = parse_duration(with.timeout);
  const auto wait = parse_duration(with.wait);
  if (!timeout || !wait)
    return wrong_usage("--timeout and --wait take a time, like 30s");
  using std::chrono::ceil, std::chrono::seconds;
  const json::object limits{
    {"methodName", with.name},
    {"responseTimeoutInSeconds", ceil<seconds>(*timeout).count()},
    {"connectTimeoutInSeconds", ceil<seconds>(*wait).count()}};
  // The payload goes as it was typed: a number keeps its digits.
  auto body = json::serialize(limits);
  body.pop_back();
  body += ",\"payload\":" + with.payload + '}';
  const auto answer
    = operator_client{with}.call("POST", "/methods/" + path_of(with.target),
                                 body, *timeout + *wait + seconds{20});
  if (!answer)
    return 1;
  if (!answer->is_object()) {
    std::fprintf(stderr, "tidegate: the answer is nested too deep to print\n");
    return 1;
  }
  if (with.json)
    print_json(*answer);
  else
    std::printf("%s  %s\n", json::serialize(answer->at("status")).c_str(),
                shown_json(json::serialize(answer->at("payload"))).c_str());
  return 0;
}

} // namespace

void add_method_command(CLI::App& app, int& code) {
  auto* family
    = app.add_subcommand("method", "Call methods of connected clients");
  family->require_subcommand(1);
  auto* command = family->add_subcommand(
    "invoke", "Run a method of a client; prints its status and its answer");
  auto with = std::make_shared<method_options>();
  command->add_option("target", with->target, "DEVICE or DEVICE/MODULE")
    ->required();
  command->add_option("name", with->name, "the method's name")->required();
  command->add_option("--payload", with->payload, "JSON for the method")
    ->capture_default_str();
  command
    ->add_option("--timeout", with->timeout, "how long it may take, 5s to 300s")
    ->capture_default_str();
  command
    ->add_option("--wait", with->wait,
                 "how long to wait for a client that is not connected")
    ->capture_default_str();
  with->add_to(*command);
  command->callback([with, &code] { code = invoke(*with); });
}

} // namespace tidegate
