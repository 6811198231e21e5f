#include "runtime/engines/process_table.hpp"

#include "runtime/engines/durable_file.hpp"

#include <charconv>
#include <cstdlib>
#include <dirent.h>
#include <unordered_map>

namespace tidegate {

namespace {

/// The field number `wanted`, from 3, of the part of a stat line that follows
/// the command's closing parenthesis.
std::string_view field(std::string_view rest, int wanted) {
  for (int at = 3; at < wanted; ++at) {
    const auto blank = rest.find(' ');
    if (blank == std::string_view::npos)
      return {};
    rest.remove_prefix(blank + 1);
  }
  return rest.substr(0, rest.find(' '));
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

std::optional<process_entry> find_process(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text)
    return std::nullopt;
  // The command may hold blanks and parentheses; only the last one counts.
  const auto close = text->rfind(") ");
  if (close == std::string::npos)
    return std::nullopt;
  const auto rest = std::string_view{*text}.substr(close + 2);
  process_entry entry;
  entry.id = {pid, number<std::uint64_t>(field(rest, 22))};
  entry.state = rest.empty() ? '?' : rest.front();
  entry.parent = number<pid_t>(field(rest, 4));
  entry.session = number<pid_t>(field(rest, 6));
  for (const int ticks : {14, 15, 16, 17})
    entry.ticks_used += number<std::uint64_t>(field(rest, ticks));
  return entry;
}

std::vector<process_entry> all_processes() {
  std::vector<process_entry> all;
  DIR* folder = ::opendir("/proc");
  if (!folder)
    return all;
  while (const auto* item = ::readdir(folder)) {
    const auto pid = number<pid_t>(item->d_name);
    if (pid <= 0)
      continue;
    if (const auto entry = find_process(pid))
      all.push_back(*entry);
  }
  ::closedir(folder);
  return all;
}

std::vector<pid_t> descendants(pid_t ancestor) {
  std::unordered_map<pid_t, std::vector<pid_t>> children;
  for (const auto& entry : all_processes())
    if (entry.state != 'Z')
      children[entry.parent].push_back(entry.id.pid);
  std::vector<pid_t> found = children[ancestor];
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto below = children.find(found[i]);
    if (below != children.end())
      found.insert(found.end(), below->second.begin(), below->second.end());
  }
  return found;
}

std::vector<pid_t> session_members(process_id leader) {
  const auto now = find_process(leader.pid);
  if (leader.pid <= 1 || (now && now->id != leader))
    return {};
  std::vector<pid_t> members;
  for (const auto& entry : all_processes())
    // Started after the leader, or the session is an older one.
    if (entry.session == leader.pid && entry.id.ticks >= leader.ticks
        && entry.state != 'Z')
      members.push_back(entry.id.pid);
  return members;
}

bool is_below(pid_t pid, pid_t ancestor) {
  constexpr int deepest = 256;
  for (int depth = 0; pid > 1 && depth < deepest; ++depth) {
    if (pid == ancestor)
      return true;
    const auto entry = find_process(pid);
    if (!entry)
      return false;
    pid = entry->parent;
  }
  return pid == ancestor;
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::uint64_t memory_kills() {
  const auto text = read_file("/proc/vmstat").value_or("");
  constexpr std::string_view name = "\noom_kill ";
  const auto at = text.find(name);
  if (at == std::string::npos)
    return 0;
  return number<std::uint64_t>(std::string_view{text}.substr(at + name.size()));
}

} // namespace tidegate
