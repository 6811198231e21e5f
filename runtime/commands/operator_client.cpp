#include "runtime/commands/operator_client.hpp"

#include "messages/error_text.hpp"
#include "messages/shown_text.hpp"
#include "runtime/config/config.hpp"
#include "runtime/http/client.hpp"

#include <boost/json/parse.hpp>
#include <cstdio>

namespace tidegate {

namespace {

std::string socket_of(const common_options& options) {
  if (!options.socket.empty())
    return options.socket;
  const auto loaded = load_config(options.config_file);
  // Without any configuration the socket is where it is by default.
  const auto needless = options.config_file == common_options{}.config_file
                        && !std::filesystem::exists(options.config_file);
  if (!loaded.errors.empty() && !needless)
    throw CLI::ValidationError{"--config", to_string(loaded.errors.front())};
  return (loaded.value.node.run / "management.sock").string();
}

void complain(const std::string& socket, const caf::error& error) {
  std::fprintf(stderr,
               "tidegate: the node does not answer at %s: %s\n"
               "          Is it running, and are you its owner? Name its "
               "configuration with --config.\n",
               socket.c_str(), error_text(error).c_str());
}

void complain(const http::response& answer) {
  boost::system::error_code failed;
  const auto document = boost::json::parse(answer.body, failed);
  const auto* object = failed ? nullptr : document.if_object();
  const auto* text = object ? object->if_contains("message") : nullptr;
  const std::string sentence
    = text && text->is_string() ? std::string{text->get_string()} : answer.body;
  std::fprintf(stderr, "tidegate: %s\n", shown_text(sentence).c_str());
}

} // namespace

void common_options::add_to(CLI::App& command) {
  command.add_option("--config,-c", config_file, "the node's configuration")
    ->capture_default_str();
  command.add_option("--socket", socket,
                     "the node's management socket; from the configuration "
                     "if not given");
  command.add_flag("--json", json, "print JSON");
}

operator_client::operator_client(const common_options& options)
  : socket_{socket_of(options)} {}

std::optional<boost::json::value>
operator_client::call(const std::string& method, const std::string& target,
                      const std::string& body,
                      std::chrono::milliseconds timeout) const {
  http::endpoint server;
  server.unix_path = socket_;
  http::call what;
  what.method = method;
  what.target = target;
  what.body = body;
  what.timeout = timeout;
  const auto answer = http::fetch(server, what);
  if (!answer) {
    complain(socket_, answer.error());
    return std::nullopt;
  }
  if (answer->status / 100 != 2) {
    complain(*answer);
    return std::nullopt;
  }
  boost::system::error_code failed;
  auto document = boost::json::parse(answer->body, failed);
  return failed ? boost::json::value{} : document;
}

bool operator_client::follow(
  const std::string& target,
  const std::function<bool(std::string_view)>& on_piece) const {
  http::endpoint server;
  server.unix_path = socket_;
  http::call what;
  what.target = target;
  const auto answer = http::follow(server, what, on_piece);
  if (!answer) {
    complain(socket_, answer.error());
    return false;
  }
  if (answer->status / 100 != 2) {
    complain(*answer);
    return false;
  }
  return true;
}

} // namespace tidegate
