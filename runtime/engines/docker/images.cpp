#include "runtime/engines/docker/images.hpp"

#include "actors/log.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/percent.hpp"
#include "runtime/engines/docker/json_access.hpp"
#include "runtime/engines/docker/json_stream.hpp"
#include "runtime/engines/durable_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

namespace tidegate::docker {

namespace {

using boost::asio::awaitable;

/// A pull that says nothing for longer is given up; the engine itself tries
/// for a while when a registry stalls.
constexpr std::chrono::minutes most_silence{5};

std::int64_t this_second() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

image_facts read_image(const boost::json::value& from) {
  image_facts image;
  image.id = text_at(from, "/Id");
  const auto* found = look_up(from, "/RepoDigests");
  if (const auto* digests = found ? found->if_array() : nullptr)
    for (const auto& one : *digests)
      image.digests.push_back(text_at(one, ""));
  return image;
}

std::string wrong_digest(const module_launch& launch,
                         const image_facts& image) {
  if (has_digest(image, launch.spec.digest))
    return {};
  auto text
    = launch.spec.image + " is not " + launch.spec.digest + ", but " + image.id;
  for (const auto& digest : image.digests)
    text += ", " + digest;
  return text;
}

} // namespace

bool has_digest(const image_facts& image, const std::string& digest) {
  return digest.empty() || image.id == digest
         || std::any_of(image.digests.begin(), image.digests.end(),
                        [&](const std::string& one) {
                          return one == digest || one.ends_with('@' + digest);
                        });
}

images::images(engine_api& api, const docker_engine_options& options)
  : api_{api}, options_{options}, file_{options.folder / "image_use"},
    uses_{decode_image_uses(read_file(file_).value_or(""))} {}

awaitable<images::found_image> images::find(std::string image) {
  engine_call what;
  what.target = "/images/" + percent_encode(image) + "/json";
  const auto answer = co_await api_.ask(std::move(what));
  found_image found;
  if (!answer)
    found.problem = error_text(answer.error());
  else if (answer->status == 200)
    found.facts = read_image(document_of(*answer));
  else if (answer->status != 404)
    found.problem = message_of(*answer);
  co_return found;
}

awaitable<std::string> images::pull(module_launch launch) {
  engine_call what;
  what.method = "POST";
  what.target = "/images/create?fromImage=" + percent_encode(launch.spec.image);
  if (launch.credential)
    what.headers.emplace_back("X-Registry-Auth",
                              deployment::registry_auth(*launch.credential));
  what.most_silence = most_silence;
  json_stream progress;
  std::string problem;
  auto on_piece = [&](std::string_view piece) {
    return progress.feed(piece, [&](const boost::json::value& step) {
      if (const auto text = text_at(step, "/errorDetail/message");
          !text.empty())
        problem = text;
      else if (const auto plain = text_at(step, "/error"); !plain.empty())
        problem = plain;
    });
  };
  const auto answer = co_await api_.follow(std::move(what), on_piece);
  if (!answer)
    problem = error_text(answer.error());
  else if (answer->status != 200)
    problem = message_of(*answer);
  co_return problem.empty() ? problem
                            : "pulling " + launch.spec.image + ": " + problem;
}

awaitable<std::string> images::fetch(module_launch launch) {
  auto found = co_await find(launch.spec.image);
  const auto& digest = launch.spec.digest;
  const auto there = !found.facts.id.empty();
  const auto exact
    = there && !digest.empty() && has_digest(found.facts, digest);
  if (found.problem.empty() && launch.spec.pull && !exact) {
    found.problem = co_await pull(launch);
    if (found.problem.empty())
      found = co_await find(launch.spec.image);
  }
  if (!found.problem.empty())
    co_return found.problem;
  if (found.facts.id.empty())
    co_return launch.spec.image
      + (launch.spec.pull ? " was pulled and is not there"
                          : " is not there, and its pull policy is never");
  used(found.facts.id);
  co_return wrong_digest(launch, found.facts);
}

awaitable<images::found_image> images::take(module_launch launch) {
  auto found = co_await find(launch.spec.image);
  if (!found.problem.empty())
    co_return found;
  if (found.facts.id.empty()) {
    found.problem = co_await fetch(launch);
    if (found.problem.empty())
      found = co_await find(launch.spec.image);
    co_return found;
  }
  found.problem = wrong_digest(launch, found.facts);
  co_return found;
}

void images::used(const std::string& id) {
  if (id.empty())
    return;
  uses_[id] = this_second();
  save();
}

void images::save() {
  if (const auto problem = write_durably(file_, encode(uses_));
      !problem.empty())
    log::error("modules", "the use of images could not be written",
               {{"why", problem}});
}

awaitable<bool> images::images_in_use(std::set<std::string>& all) {
  engine_call what;
  what.target = "/containers/json?all=true";
  const auto answer = co_await api_.ask(std::move(what));
  if (!answer || answer->status != 200)
    co_return false;
  const auto document = document_of(*answer);
  const auto* list = document.if_array();
  if (!list)
    co_return false;
  for (const auto& one : *list)
    all.insert(text_at(one, "/ImageID"));
  co_return true;
}

awaitable<void> images::clean_up(std::int64_t now) {
  std::set<std::string> in_use;
  if (!co_await images_in_use(in_use))
    co_return;
  for (auto& [id, seconds] : uses_)
    if (in_use.contains(id))
      seconds = now;
  const auto old = outdated(uses_, in_use, now, options_.cleanup.age);
  for (const auto& id : old)
    uses_.erase(id);
  save();
  for (const auto& id : old) {
    engine_call what;
    what.method = "DELETE";
    what.target = "/images/" + percent_encode(id) + "?force=true&noprune=false";
    const auto answer = co_await api_.ask(std::move(what));
    const auto gone
      = answer && (answer->status == 200 || answer->status == 404);
    if (gone)
      log::info("modules", "an image that no module uses was removed",
                {{"image", id}});
    else
      log::warning(
        "modules", "an image could not be removed",
        {{"image", id},
         {"why", answer ? message_of(*answer) : error_text(answer.error())}});
  }
}

awaitable<void> images::clean_up_daily() {
  const auto& when = options_.cleanup;
  co_await api_.pause(until_time_of_day(this_second(), when.time));
  for (;;) {
    co_await clean_up(this_second());
    const auto next = until_time_of_day(this_second(), when.time);
    co_await api_.pause(next + when.period - std::chrono::days{1});
  }
}

} // namespace tidegate::docker
