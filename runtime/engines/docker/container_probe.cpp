#include "runtime/engines/docker/container_probe.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "runtime/engines/docker/json_access.hpp"
#include "runtime/engines/docker/log_frames.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate::docker {

namespace {

constexpr std::size_t longest_detail = 256;

engine_call make_exec(const std::string& name,
                      const std::vector<std::string>& command) {
  boost::json::array words;
  for (const auto& word : command)
    words.emplace_back(word);
  engine_call what;
  what.method = "POST";
  what.target = "/containers/" + name + "/exec";
  what.body = boost::json::serialize(boost::json::object{
    {"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", std::move(words)}});
  return what;
}

std::string outcome(const boost::json::value& exec, const std::string& output) {
  const auto code = number_at(exec, "/ExitCode");
  if (code == 0)
    return {};
  auto text = "exit code " + std::to_string(code);
  return output.empty() ? text : text + ": " + output;
}

} // namespace

boost::asio::awaitable<std::string>
probe_container(engine_api& api, std::string name,
                std::vector<std::string> command,
                std::chrono::milliseconds timeout) {
  const auto made = co_await api.ask(make_exec(name, command));
  if (!made)
    co_return error_text(made.error());
  if (made->status != 201)
    co_return message_of(*made);
  const auto exec = "/exec/" + text_at(document_of(*made), "/Id");
  engine_call run;
  run.method = "POST";
  run.target = exec + "/start";
  run.body = R"({"Detach":false,"Tty":false})";
  run.timeout = timeout;
  const auto ran = co_await api.ask(std::move(run));
  if (!ran)
    co_return ran.error() == ec::timed_out ? "took too long"
                                           : error_text(ran.error());
  if (ran->status >= 400)
    co_return message_of(*ran);
  log_frames frames{true};
  std::vector<log_line> lines;
  frames.feed(ran->body, lines);
  const auto output = lines.empty()
                        ? std::string{}
                        : lines.front().text.substr(0, longest_detail);
  engine_call look;
  look.target = exec + "/json";
  const auto looked = co_await api.ask(std::move(look));
  if (!looked)
    co_return error_text(looked.error());
  co_return looked->status == 200 ? outcome(document_of(*looked), output)
                                  : message_of(*looked);
}

} // namespace tidegate::docker
