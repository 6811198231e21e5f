#pragma once

#include "actors/deployment/blob_client.hpp"
#include "messages/deployment/log_request.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <caf/event_based_actor.hpp>

namespace tidegate {

/// A blob to be written.
struct blob {
  std::string name;
  std::string content;
  /// Written piece by piece, as a log is; otherwise as a whole.
  bool appended = false;
};

/// `hub/device/name-2026-01-02--03-04-05.extension` (edge-agent spec 7). The
/// time is in milliseconds since 1970.
std::string blob_name(const std::string& hub, const std::string& device,
                      const std::string& name, std::int64_t time,
                      std::string_view extension);

/// `log`, `log.gz`, `json` or `json.gz`.
std::string log_extension(const deployment::log_request& wanted);

/// The requests that write `what` below `sas_url`, the address of a container
/// with a shared access signature; `$upstream` in it stands for `parent_host`.
/// A text that is appended goes in gzip members or pieces of whole lines.
std::vector<blob_request> upload_requests(const std::string& sas_url,
                                          const std::string& parent_host,
                                          blob what, bool gzipped);

/// To whoever started an upload: it has ended, well if there is no problem.
struct upload_ended {
  std::string correlation;
  std::string problem;
};

/// Sends the requests one after the other, each up to three times, tells
/// `owner` how it ended, and ends.
caf::behavior upload(caf::event_based_actor* self,
                     std::shared_ptr<blob_client> by,
                     std::vector<blob_request> requests,
                     std::string correlation, caf::actor owner);

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::upload_ended)
