#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidegate::deployment {

/// What `image` says to the process engine, taken apart.
struct artifact_reference {
  enum class kind {
    program, ///< `/path/of/program`, or the name of one in the programs folder
    stored,  ///< `name:version` in the programs folder: a folder or an archive
    file,    ///< `file:///path/of/archive`
    web,     ///< `https://host/path/of/archive`
  };

  kind what = kind::program;
  std::string name;    ///< or the path, or the URL
  std::string version; ///< of `stored`
};

/// Takes an image apart that `program_image` has let pass.
artifact_reference parse_artifact(std::string_view image);

/// The 64 lower-case digits of `sha256:...`, or of these alone; nothing for
/// any other text.
std::optional<std::string> digest_hex(std::string_view digest);

} // namespace tidegate::deployment
