#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidegate::deployment {

/// What an image reference stands for, or why it stands for nothing.
struct image_reference {
  std::string text;
  std::string problem; ///< empty when `text` is good
};

/// A container image (edge-agent spec 1.5): trimmed, `$upstream:port`
/// replaced by `parent_host`, `:latest` appended when there is no tag.
image_reference container_image(std::string_view text,
                                std::string_view parent_host);

/// A program: an absolute path, or the name of a file in the folder
/// `modules.programs`. Or an artifact: `name:version` in that folder,
/// `file:///path` or `https://host/path` of an archive; plain `http` too,
/// which only a digest makes safe.
image_reference program_image(std::string_view text);

} // namespace tidegate::deployment
