#include "actors/deployment/agent_methods.hpp"

#include "actors/clients/client_messages.hpp"
#include "actors/deployment/blob_upload.hpp"
#include "actors/deployment/deployment_messages.hpp"
#include "actors/deployment/log_gathering.hpp"
#include "actors/modules/module_messages.hpp"
#include "actors/supervision/find_child.hpp"
#include "messages/compression.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using namespace log_gathering;
using deployment::call_refusal;
using deployment::log_encoding;

constexpr auto restart_timeout = std::chrono::seconds{30};

std::int64_t now_of(const agent_methods_state& state) {
  return state.context.now().time_since_epoch().count();
}

/// A call that waits for its answer.
struct caller {
  self_pointer self;
  std::string rid;

  void answer(int status, std::string body = {}) const {
    const auto& context = self->state.context;
    caf::anon_send(context.methods, method_response{context.own, rid, status,
                                                    own(std::move(body))});
  }

  void fail(int status, const std::string& message) const {
    answer(status, json::serialize(json::object{{"message", message}}));
  }
};

void restart(const caller& from, const std::string& module) {
  find_child(
    from.self, from.self->state.context.supervisor, "modules",
    [from, module](const caf::actor& modules) {
      from.self->request(modules, restart_timeout, restart_module{module})
        .then([from](const module_status&) { from.answer(200); },
              [from, module](const caf::error& error) {
                from.fail(500, error == ec::not_found
                                 ? "Module " + module
                                     + " not found in the current environment"
                                 : error_text(error));
              });
    },
    [from](const caf::error& error) { from.fail(500, error_text(error)); });
}

std::string packed(const gathered_log& log, const std::string& module,
                   const deployment::log_request& wanted,
                   const agent_methods_context& context) {
  return deployment::log_text(log.lines, wanted.content,
                              {context.hub, context.own.device, module});
}

void answer_logs(const caller& from, const gathered_logs& logs,
                 const deployment::log_request& wanted) {
  json::array all;
  std::size_t size = 0;
  for (const auto& [module, log] : logs) {
    if (!log.problem.empty())
      return from.fail(500, module + ": " + log.problem);
    auto text = packed(log, module, wanted, from.self->state.context);
    const auto zipped = wanted.encoding == log_encoding::gzip;
    if (zipped)
      text = gzip(text);
    size += text.size();
    if (size > largest_log_answer)
      return from.fail(400, "the logs are larger than 127000 bytes; ask for "
                            "fewer of them, or use UploadModuleLogs");
    json::object one{
      {"id", module}, {"payload", nullptr}, {"payloadBytes", nullptr}};
    if (zipped)
      one["payloadBytes"] = base64_encode(text);
    else
      one["payload"] = deployment::readable_text(text);
    all.emplace_back(std::move(one));
  }
  from.answer(200, json::serialize(all));
}

/// Starts a task that ends with an upload; answers with its id.
std::optional<std::string> begin_task(const caller& from, const char* what) {
  auto& state = from.self->state;
  if (state.tasks.is_full()) {
    from.fail(500, "too many uploads are under way");
    return std::nullopt;
  }
  std::string correlation{state.guids.next()};
  state.tasks.start(correlation, what);
  from.answer(200, json::serialize(state.tasks.describe(correlation)));
  return correlation;
}

void send_blobs(self_pointer self, std::vector<blob_request> requests,
                const std::string& correlation) {
  self->spawn(upload, self->state.context.blobs, std::move(requests),
              correlation, caf::actor{self});
}

/// The first log that could not be read.
std::string problem_of(const gathered_logs& logs) {
  for (const auto& [module, log] : logs)
    if (!log.problem.empty())
      return module + ": " + log.problem;
  return logs.empty() ? "no module fits" : "";
}

void upload_logs(const caller& from, const deployment::upload_logs_call& call) {
  const auto correlation = begin_task(from, "upload logs");
  if (!correlation)
    return;
  auto* const self = from.self;
  const auto end = [self, task = *correlation](const std::string& problem) {
    self->state.tasks.end(task, problem);
  };
  gather(
    self, call.wanted.items, longest_log_upload,
    [self, call, end, task = *correlation](gathered_logs logs) {
      if (const auto problem = problem_of(logs); !problem.empty())
        return end(problem);
      const auto& context = self->state.context;
      std::vector<blob_request> requests;
      for (const auto& [module, log] : logs) {
        blob made;
        made.name = blob_name(context.hub, context.own.device, module,
                              now_of(self->state), log_extension(call.wanted));
        made.content = packed(log, module, call.wanted, context);
        made.appended = call.wanted.content == deployment::log_content::text;
        for (auto& one :
             upload_requests(call.sas_url, context.parent_host, std::move(made),
                             call.wanted.encoding == log_encoding::gzip))
          requests.push_back(std::move(one));
      }
      send_blobs(self, std::move(requests), task);
    },
    end);
}

json::object inspection(const module_status& of) {
  return {{"name", of.name},
          {"image", of.image},
          {"imageHash", of.image_hash},
          {"version", of.version},
          {"status", of.wanted_running ? "running" : "stopped"},
          {"runtimeStatus", to_string(of.status)},
          {"description", of.description},
          {"exitCode", of.exit_code},
          {"lastCause", of.last_cause},
          {"pid", of.pid},
          {"restartCount", of.restarts.restarts},
          {"lastStart", of.last_start},
          {"lastExit", of.last_exit}};
}

std::vector<zipped_file> bundle_of(const gathered_logs& logs,
                                   const agent_methods_context& context) {
  std::vector<zipped_file> files{
    {"inspect/edgeAgent.json",
     json::serialize(json::object{{"version", context.version},
                                  {"device", context.own.device},
                                  {"iothub", context.hub}})}};
  for (const auto& [module, log] : logs) {
    files.push_back({"logs/" + module + "_log.txt",
                     packed(log, module, {}, context) + log.problem});
    files.push_back(
      {"inspect/" + module + ".json", json::serialize(inspection(log.status))});
  }
  return files;
}

/// Calls `then` with a zip archive.
void pack_bundle(self_pointer self, const make_support_bundle& wanted,
                 std::function<void(std::string)> then,
                 std::function<void(const std::string&)> failed) {
  // The agent and the hub are no modules here.
  std::vector<deployment::log_item> items;
  if (!wanted.runtime_only)
    items.push_back({"all", {{}, wanted.since, wanted.until, {}, {}}});
  gather(
    self, items, longest_log_upload,
    [self, then = std::move(then)](const gathered_logs& logs) {
      constexpr std::int64_t second = 1000;
      then(zip(bundle_of(logs, self->state.context),
               now_of(self->state) / second));
    },
    std::move(failed));
}

void upload_bundle(const caller& from,
                   const deployment::upload_bundle_call& call) {
  const auto correlation = begin_task(from, "upload support bundle");
  if (!correlation)
    return;
  auto* const self = from.self;
  pack_bundle(
    self, {call.since, call.until, call.runtime_only},
    [self, call, task = *correlation](std::string packed_files) {
      const auto& context = self->state.context;
      blob made{blob_name(context.hub, context.own.device, "support-bundle",
                          now_of(self->state), "zip"),
                std::move(packed_files), false};
      send_blobs(self,
                 upload_requests(call.sas_url, context.parent_host,
                                 std::move(made), false),
                 task);
    },
    [self, task = *correlation](const std::string& problem) {
      self->state.tasks.end(task, problem);
    });
}

caf::result<support_bundle> answer_bundle(self_pointer self,
                                          const make_support_bundle& wanted) {
  auto to = self->make_response_promise<support_bundle>();
  pack_bundle(
    self, wanted,
    [to](std::string packed_files) mutable {
      to.deliver(support_bundle{std::move(packed_files)});
    },
    [to](const std::string& problem) mutable {
      to.deliver(caf::make_error(ec::unavailable, problem));
    });
  return to;
}

struct dispatch {
  const caller& from;

  void operator()(const deployment::ping_call&) const { from.answer(200); }

  void operator()(const deployment::restart_call& call) const {
    restart(from, call.module);
  }

  void operator()(const deployment::logs_call& call) const {
    gather(
      from.self, call.wanted.items, longest_log_read,
      [from = from, wanted = call.wanted](const gathered_logs& logs) {
        answer_logs(from, logs, wanted);
      },
      [from = from](const std::string& problem) { from.fail(500, problem); });
  }

  void operator()(const deployment::upload_logs_call& call) const {
    upload_logs(from, call);
  }

  void operator()(const deployment::upload_bundle_call& call) const {
    upload_bundle(from, call);
  }

  void operator()(const deployment::task_call& call) const {
    from.answer(
      200, json::serialize(from.self->state.tasks.describe(call.correlation)));
  }
};

void run(self_pointer self, const method_request& asked) {
  const auto& state = self->state;
  state.context.meters
    ->counter(
      "edgeagent_direct_method_invocations_count",
      "Direct methods of the agent that were called.",
      {{"method_name", std::string{deployment::known_method(asked.name)}}})
    .Increment();
  const caller from{self, asked.rid};
  const auto call = deployment::read_agent_call(asked.name, asked.payload.view,
                                                now_of(state));
  if (const auto* refused = std::get_if<call_refusal>(&call))
    return from.fail(refused->status, refused->message);
  std::visit(dispatch{from}, std::get<deployment::agent_call>(call));
}

} // namespace

caf::behavior agent_methods(self_pointer self, agent_methods_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  state.guids = routing::guid_source{state.context.seed};
  // It takes calls as any client does, but is none.
  caf::anon_send(caf::actor_cast<caf::actor>(state.context.methods),
                 clients_changed{{{state.context.own,
                                   caf::actor_cast<caf::actor>(self),
                                   {true, false, false}}}});
  return {
    [self](const method_request& asked) { run(self, asked); },
    [self](const make_support_bundle& wanted) {
      return answer_bundle(self, wanted);
    },
    [self](const log_collected& log) { collected(self, log); },
    [self](const upload_ended& news) {
      self->state.tasks.end(news.correlation, news.problem);
    },
  };
}

} // namespace tidegate
