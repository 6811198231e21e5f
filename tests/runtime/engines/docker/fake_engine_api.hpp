#pragma once

#include "runtime/http/server.hpp"
#include "runtime/net/io_loop.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// A container engine on a unix socket, as far as a gateway can tell. What it
/// has is changed by calls and by the test; any answer can be replaced.
class fake_engine_api {
public:
  struct container {
    std::string id, image_id;
    boost::json::object body; ///< as it was created
    bool running = false;
    std::string life = "0001-01-01T00:00:00Z";
    int exit_code = 0;
    bool out_of_memory = false;
    std::string error;
    boost::json::value health; ///< null: it checks nothing
    boost::json::value stop_timeout;
  };
  struct image {
    std::string id;
    std::vector<std::string> digests;
  };

  explicit fake_engine_api(std::string socket) : socket_{std::move(socket)} {
    loop_.start();
    open();
  }
  ~fake_engine_api() {
    close();
    loop_.stop();
  }

  void open() {
    http::server_options options;
    options.listen.unix_path = socket_;
    auto opened
      = http::serve(loop_, options,
                    [this](const http::request& from, http::responder answer) {
                      handle(from, answer);
                    });
    REQUIRE(opened);
    door_ = *opened;
  }

  /// The engine is away: nobody listens, and whoever follows events is cut.
  void close() {
    door_->stop();
    const std::lock_guard guard{mutex};
    for (const auto& stream : followers_)
      stream->finish();
    followers_.clear();
  }

  /// Tells whoever follows events, in pieces.
  void happened(const std::string& action, const std::string& name) {
    const boost::json::object event{
      {"Action", action}, {"Actor", {{"Attributes", {{"name", name}}}}}};
    const auto text = boost::json::serialize(event) + '\n';
    const std::lock_guard guard{mutex};
    for (const auto& stream : followers_) {
      stream->write(text.substr(0, 9));
      stream->write(text.substr(9));
    }
  }

  /// The container ends, and its engine says so.
  void ends(const std::string& name, int code, bool out_of_memory = false) {
    {
      const std::lock_guard guard{mutex};
      auto& one = containers.at(name);
      one.running = false;
      one.exit_code = code;
      one.out_of_memory = out_of_memory;
    }
    happened("die", name);
  }

  bool was_asked(const std::string& call) const {
    const std::lock_guard guard{mutex};
    return std::any_of(asked.begin(), asked.end(), [&](const auto& one) {
      return one.find(call) != std::string::npos;
    });
  }

  mutable std::mutex mutex;
  std::map<std::string, container> containers;
  std::map<std::string, image> images;
  std::map<std::string, std::string> networks; ///< name to gateway
  /// What a pull brings, by reference.
  std::map<std::string, image> registry;
  std::string last_auth;          ///< of the last pull
  std::vector<std::string> asked; ///< `POST /v1.41/containers/m/start`
  std::string api_version = "1.41";
  std::string least_api_version = "1.12";
  /// Answers in place of the usual ones, by a part of `asked`; used up one by
  /// one.
  std::multimap<std::string, http::response> instead;
  /// A body that is sent in pieces of this many bytes, by a part of `asked`.
  std::map<std::string, std::pair<std::string, std::size_t>> streams;

private:
  using path = std::vector<std::string>;

  static path split(const std::string& text) {
    path parts;
    std::size_t from = 1;
    for (auto at = text.find('/', from); at != std::string::npos;
         from = at + 1, at = text.find('/', from))
      parts.push_back(text.substr(from, at - from));
    parts.push_back(text.substr(from));
    for (auto& part : parts)
      part = *http::percent_decode(part);
    return parts;
  }

  void handle(const http::request& from, const http::responder& answer) {
    const std::lock_guard guard{mutex};
    const auto call = from.method + ' ' + from.path;
    const auto time = from.query_value("t");
    asked.push_back(time ? call + "?t=" + std::string{*time} : call);
    for (auto one = instead.begin(); one != instead.end(); ++one)
      if (call.find(one->first) != std::string::npos) {
        answer.send(one->second);
        instead.erase(one);
        return;
      }
    for (const auto& [part, body] : streams)
      if (call.find(part) != std::string::npos)
        return send_in_pieces(answer, body.first, body.second);
    auto parts = split(from.path);
    if (from.path == "/version")
      return send(answer, 200,
                  boost::json::object{{"ApiVersion", api_version},
                                      {"MinAPIVersion", least_api_version}});
    if (parts.front() != "v" + api_version)
      return answer.send_error(400, "unknown version " + parts.front());
    parts.erase(parts.begin());
    if (parts.front() == "containers")
      return with_containers(from, parts, answer);
    if (parts.front() == "images")
      return with_images(from, parts, answer);
    if (parts.front() == "networks")
      return with_networks(from, parts, answer);
    if (parts.front() == "events") {
      auto stream = answer.stream(200, "application/json");
      stream->write(" ");
      followers_.push_back(std::move(stream));
      return;
    }
    answer.send_error(404, "page not found");
  }

  static void send(const http::responder& answer, unsigned status,
                   const boost::json::value& body) {
    answer.send({status, boost::json::serialize(body)});
  }

  static void send_in_pieces(const http::responder& answer,
                             const std::string& body, std::size_t size) {
    const auto stream = answer.stream(200, "application/octet-stream");
    for (std::size_t from = 0; from < body.size(); from += size)
      stream->write(body.substr(from, size));
    stream->finish();
  }

  boost::json::value describe(const std::string& name,
                              const container& one) const {
    boost::json::object state{{"Status", one.running ? "running" : "exited"},
                              {"Running", one.running},
                              {"OOMKilled", one.out_of_memory},
                              {"ExitCode", one.exit_code},
                              {"Error", one.error},
                              {"Pid", one.running ? 4242 : 0},
                              {"StartedAt", one.life},
                              {"FinishedAt", "2026-01-02T04:00:00.5Z"}};
    if (!one.health.is_null())
      state["Health"] = one.health;
    const auto* labels = one.body.if_contains("Labels");
    return {{"Id", one.id},
            {"Name", "/" + name},
            {"Image", one.image_id},
            {"State", state},
            {"Config",
             {{"Labels", labels ? *labels : nullptr},
              {"StopTimeout", one.stop_timeout}}}};
  }

  void with_containers(const http::request& from, const path& parts,
                       const http::responder& answer) {
    if (parts.at(1) == "json") {
      boost::json::array all;
      for (const auto& [name, one] : containers)
        if (one.body.contains("Labels")) {
          boost::json::object entry;
          entry["Names"] = boost::json::array{"/linked/" + name, "/" + name};
          entry["ImageID"] = one.image_id;
          all.push_back(std::move(entry));
        }
      return send(answer, 200, all);
    }
    if (parts.at(1) == "create")
      return create(from, answer);
    const auto found = containers.find(parts.at(1));
    if (found == containers.end())
      return answer.send_error(404, "No such container: " + parts.at(1));
    auto& one = found->second;
    const auto what = parts.size() > 2 ? parts.at(2) : "";
    if (from.method == "DELETE") {
      containers.erase(found);
      return answer.send({204, ""});
    }
    if (what == "json")
      return send(answer, 200, describe(found->first, one));
    if (what == "start") {
      one.running = true;
      one.error.clear();
      one.life
        = "2026-01-02T03:04:" + std::to_string(10 + ++starts_) + ".000000001Z";
      return answer.send({204, ""});
    }
    if (what == "stop") {
      one.running = false;
      one.exit_code = 143;
      return answer.send({204, ""});
    }
    answer.send_error(404, "page not found");
  }

  void create(const http::request& from, const http::responder& answer) {
    const std::string name{from.query_value("name").value_or("")};
    if (containers.contains(name))
      return answer.send_error(409, "Conflict: " + name + " is in use");
    container made;
    made.body = boost::json::parse(from.body).as_object();
    const std::string wanted{made.body.at("Image").as_string()};
    if (!images.contains(wanted))
      return answer.send_error(404, "No such image: " + wanted);
    made.id = "id-of-" + name + '-' + std::to_string(++created_);
    made.image_id = images.at(wanted).id;
    containers[name] = std::move(made);
    send(answer, 201, {{"Id", containers[name].id}});
  }

  void with_images(const http::request& from, const path& parts,
                   const http::responder& answer) {
    if (parts.at(1) == "create") {
      const std::string name{from.query_value("fromImage").value_or("")};
      last_auth
        = http::find_header(from.headers, "X-Registry-Auth").value_or("");
      if (!registry.contains(name))
        return answer.send_error(404, "manifest for " + name + " not found");
      images[name] = registry.at(name);
      return answer.send({200, R"({"status":"done"})"});
    }
    if (from.method == "DELETE")
      return send(answer, 200, boost::json::array{});
    const auto found = images.find(parts.at(1));
    if (found == images.end())
      return answer.send_error(404, "No such image");
    boost::json::array digests;
    for (const auto& one : found->second.digests)
      digests.emplace_back(one);
    send(answer, 200, {{"Id", found->second.id}, {"RepoDigests", digests}});
  }

  void with_networks(const http::request& from, const path& parts,
                     const http::responder& answer) {
    if (parts.at(1) == "create") {
      const auto body = boost::json::parse(from.body);
      networks[body.at("Name").as_string().c_str()] = "172.18.0.1";
      return send(answer, 201, {{"Id", "n"}});
    }
    const auto found = networks.find(parts.at(1));
    if (found == networks.end())
      return answer.send_error(404, "network not found");
    boost::json::array config;
    config.push_back(boost::json::object{{"Gateway", found->second}});
    send(answer, 200, {{"IPAM", {{"Config", config}}}});
  }

  const std::string socket_;
  io_loop loop_;
  listener_ptr door_;
  std::vector<http::body_stream_ptr> followers_;
  int starts_ = 0;
  int created_ = 0;
};

} // namespace tidegate
