#include "runtime/engines/module_user.hpp"

#include <array>
#include <charconv>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace tidegate {

namespace {

using lookup_room = std::array<char, 16'384>;

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [next, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || next != end)
    return std::nullopt;
  return value;
}

module_user find_user(const std::string& name) {
  lookup_room room;
  passwd entry{};
  passwd* found = nullptr;
  if (const auto uid = number(name)) {
    ::getpwuid_r(*uid, &entry, room.data(), room.size(), &found);
    // Never the gateway's own group by accident.
    return {*uid, found ? found->pw_gid : *uid, {}};
  }
  ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (!found)
    return {{}, {}, "there is no user called " + name};
  return {found->pw_uid, found->pw_gid, {}};
}

std::optional<std::uint32_t> find_group(const std::string& name) {
  if (const auto gid = number(name))
    return gid;
  lookup_room room;
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  if (!found)
    return std::nullopt;
  return found->gr_gid;
}

} // namespace

module_user find_module_user(const std::string& text, const std::string& module,
                             user_table* own) {
  if (text.empty() && own) {
    auto found = own->user_of(module);
    return {found.user, found.user, std::move(found.problem)};
  }
  if (text.empty())
    return {};
  const auto colon = text.find(':');
  auto found = find_user(text.substr(0, colon));
  if (!found.problem.empty())
    return found;
  if (colon != std::string::npos) {
    const auto name = text.substr(colon + 1);
    found.group = find_group(name);
    if (!found.group)
      return {{}, {}, "there is no group called " + name};
  }
  if (::geteuid() == 0)
    return found;
  if (*found.user != ::geteuid())
    return {{}, {}, "only root can run a module as another user"};
  return {};
}

} // namespace tidegate
