#include "actors/deployment/blob_upload.hpp"

#include "messages/compression.hpp"
#include "messages/iothub/percent.hpp"

#include <array>
#include <caf/send.hpp>
#include <ctime>

namespace tidegate {

namespace {

/// Less than a piece of an append blob may have, 4 MiB.
constexpr std::size_t largest_piece = std::size_t{4} << 20;
constexpr std::array<std::chrono::seconds, 2> pauses{std::chrono::seconds{5},
                                                     std::chrono::seconds{20}};
constexpr auto put_timeout = std::chrono::minutes{10};

/// `container?signature` with a blob's name, and perhaps one more parameter.
std::string url_of(std::string sas_url, const std::string& parent_host,
                   const std::string& name, std::string_view more) {
  constexpr std::string_view parent = "$upstream";
  if (const auto at = sas_url.find(parent); at != std::string::npos)
    sas_url.replace(at, parent.size(), parent_host);
  const auto query = std::min(sas_url.find('?'), sas_url.size());
  auto path = sas_url.substr(0, query);
  auto rest = sas_url.substr(query);
  while (!path.empty() && path.back() == '/')
    path.pop_back();
  if (!more.empty())
    rest += (rest.empty() ? "?" : "&") + std::string{more};
  return path + '/' + name + rest;
}

/// At most `limit` bytes of whole lines from the front of `text`.
std::string_view take_lines(std::string_view& text, std::size_t limit) {
  auto size = std::min(text.size(), limit);
  if (size < text.size())
    if (const auto end = text.rfind('\n', size - 1);
        end != std::string_view::npos)
      size = end + 1;
  const auto piece = text.substr(0, size);
  text.remove_prefix(size);
  return piece;
}

blob_request request_of(std::string url, std::string body,
                        std::string kind = {}) {
  blob_request made;
  made.url = std::move(url);
  made.headers = {{"x-ms-version", "2021-08-06"}};
  if (!kind.empty())
    made.headers.emplace_back("x-ms-blob-type", std::move(kind));
  made.body = own(std::move(body));
  return made;
}

struct upload_state {
  std::shared_ptr<blob_client> by;
  std::vector<blob_request> requests;
  std::string correlation;
  caf::actor owner;
  std::size_t next = 0;
  std::size_t failures = 0; ///< of the next one
  std::uint64_t ticket = 0;
};

/// To itself: ask once more.
struct ask_again {
  std::uint64_t ticket;
};

/// No answer came in time.
struct answer_due {
  std::uint64_t ticket;
};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::ask_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::answer_due)

namespace tidegate {

namespace {

using state_ptr = std::shared_ptr<upload_state>;

void finish(caf::event_based_actor* self, const state_ptr& state,
            std::string problem) {
  caf::anon_send(state->owner,
                 upload_ended{state->correlation, std::move(problem)});
  self->quit();
}

void ask(caf::event_based_actor* self, const state_ptr& state) {
  if (state->next == state->requests.size())
    return finish(self, state, {});
  ++state->ticket;
  state->by->put(state->requests[state->next], state->ticket, caf::actor{self});
  self->delayed_send(self, put_timeout, answer_due{state->ticket});
}

bool is_append(const blob_request& request) {
  return request.url.find("comp=appendblock") != std::string::npos;
}

void answered(caf::event_based_actor* self, const state_ptr& state,
              const blob_answered& answer) {
  if (answer.ticket != state->ticket)
    return;
  // The position is not free any more: the piece has arrived before, and only
  // the answer was lost.
  const auto was_there = answer.status == 412 && state->failures > 0
                         && is_append(state->requests[state->next]);
  if (answer.status / 100 == 2 || was_there) {
    state->requests[state->next] = {}; // its content is needed no more
    ++state->next;
    state->failures = 0;
    return ask(self, state);
  }
  const auto lasting
    = answer.status / 100 == 4 && answer.status != 408 && answer.status != 429;
  if (lasting || state->failures == pauses.size())
    return finish(self, state,
                  !answer.problem.empty() ? answer.problem
                                          : "the blob store answered with "
                                              + std::to_string(answer.status));
  ++state->ticket; // a late answer is of no interest
  self->delayed_send(self, pauses[state->failures++], ask_again{state->ticket});
}

} // namespace

std::string blob_name(const std::string& hub, const std::string& device,
                      const std::string& name, std::int64_t time,
                      std::string_view extension) {
  const auto seconds = static_cast<std::time_t>(time / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d--%H-%M-%S", &parts);
  return percent_encode(hub) + '/' + percent_encode(device) + '/'
         + percent_encode(name) + '-' + text.data() + '.'
         + std::string{extension};
}

std::string log_extension(const deployment::log_request& wanted) {
  std::string text
    = wanted.content == deployment::log_content::json ? "json" : "log";
  if (wanted.encoding == deployment::log_encoding::gzip)
    text += ".gz";
  return text;
}

std::vector<blob_request> upload_requests(const std::string& sas_url,
                                          const std::string& parent_host,
                                          blob what, bool gzipped) {
  const auto url = [&](std::string_view more) {
    return url_of(sas_url, parent_host, what.name, more);
  };
  std::vector<blob_request> made;
  if (!what.appended) {
    made.push_back(request_of(
      url(""), gzipped ? gzip(what.content) : std::move(what.content),
      "BlockBlob"));
    return made;
  }
  made.push_back(request_of(url(""), {}, "AppendBlob"));
  std::size_t position = 0;
  for (std::string_view rest{what.content}; !rest.empty();) {
    const auto lines = take_lines(rest, largest_piece);
    auto piece = gzipped ? gzip(lines) : std::string{lines};
    const auto size = piece.size();
    made.push_back(request_of(url("comp=appendblock"), std::move(piece)));
    made.back().headers.emplace_back("x-ms-blob-condition-appendpos",
                                     std::to_string(position));
    position += size;
  }
  return made;
}

caf::behavior upload(caf::event_based_actor* self,
                     std::shared_ptr<blob_client> by,
                     std::vector<blob_request> requests,
                     std::string correlation, caf::actor owner) {
  const auto state = std::make_shared<upload_state>();
  state->by = std::move(by);
  state->requests = std::move(requests);
  state->correlation = std::move(correlation);
  state->owner = std::move(owner);
  // Nobody waits for it any more.
  self->monitor(state->owner);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  ask(self, state);
  return {
    [self, state](const blob_answered& answer) {
      answered(self, state, answer);
    },
    [self, state](ask_again due) {
      if (due.ticket == state->ticket)
        ask(self, state);
    },
    [self, state](answer_due due) {
      answered(self, state, {due.ticket, 0, "the blob store does not answer"});
    },
  };
}

} // namespace tidegate
