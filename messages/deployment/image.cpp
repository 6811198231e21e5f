#include "messages/deployment/image.hpp"

#include <algorithm>

namespace tidegate::deployment {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

image_reference bad(std::string problem) { return {{}, std::move(problem)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

image_reference container_image(std::string_view text,
                                std::string_view parent_host) {
  constexpr std::string_view parent = "$upstream";
  auto image = std::string{trimmed(text)};
  if (image.empty())
    return bad("is blank");
  if (image.front() == '$') {
    if (!image.starts_with("$upstream:") || image.size() == parent.size() + 1
        || image[parent.size() + 1] == '0'
        || !is_digit(image[parent.size() + 1]))
      return bad("must name the port of the parent, as in $upstream:443/name");
    image.replace(0, parent.size(), parent_host);
  }
  const auto name = std::string_view{image}.substr(image.rfind('/') + 1);
  const auto colon = name.find(':');
  if (name.empty() || colon == 0)
    return bad("has no name");
  if (colon == std::string_view::npos)
    return {image + ":latest", {}};
  const auto tag = name.substr(colon + 1);
  const auto digest = name.find('@') < colon;
  if (tag.empty() || (!digest && tag.find(':') != std::string_view::npos))
    return bad("must have one tag");
  return {std::move(image), {}};
}

image_reference program_image(std::string_view text) {
  const auto program = trimmed(text);
  if (program.empty())
    return bad("is blank");
  if (program.front() == '/')
    return {std::string{program}, {}};
  if (program.find('/') != std::string_view::npos)
    return bad("must be an absolute path, or the name of a program without "
               "a folder");
  if (program.find(':') != std::string_view::npos)
    return bad("a program has no tag; name the file itself");
  if (program == "." || program == "..")
    return bad("is not the name of a program");
  return {std::string{program}, {}};
}

} // namespace tidegate::deployment
