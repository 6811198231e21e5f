#pragma once

#include "actors/modules/log_query.hpp"

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

namespace tidegate {

/// Reads a module's log, `file` and its older parts, into `sink`. Everything
/// happens on the context's thread, in pieces, so that a long log does not
/// keep a short one waiting. Following looks for new lines five times a
/// second and goes over rotations without loss, however many there were since
/// the last look; if the disk's bounds did not let them stay, a line says so.
void read_log(boost::asio::io_context& context,
              const std::filesystem::path& file, log_query query,
              std::shared_ptr<log_sink> sink);

} // namespace tidegate
