#include "messages/deployment/image.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>

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

bool is_file_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".."
         && text.find_first_of(":/\n") == std::string_view::npos
         && text.find('\0') == std::string_view::npos;
}

image_reference artifact_url(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url)
    return bad("is not a URL");
  const auto file = url->scheme() == "file";
  if (!file && url->scheme() != "https" && url->scheme() != "http")
    return bad("must be a file or https URL");
  if (url->has_userinfo() || url->has_fragment()
      || (file && (url->has_query() || !url->host().empty()))
      || (!file && url->host().empty()) || url->encoded_path().size() < 2)
    return bad("must name a host, unless it is a file, and a path, without "
               "user or fragment");
  if (file && text.find('%') != std::string_view::npos)
    return bad("must name the file as it is, without escapes");
  return {std::string{text}, {}};
}

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
  if (program.find("://") != std::string_view::npos)
    return artifact_url(program);
  const auto colon = program.find(':');
  if (!is_file_name(program.substr(0, colon)))
    return bad("must be an absolute path, a URL, or the name of a program "
               "without a folder");
  if (colon != std::string_view::npos
      && !is_file_name(program.substr(colon + 1)))
    return bad("must have one version");
  return {std::string{program}, {}};
}

} // namespace tidegate::deployment
