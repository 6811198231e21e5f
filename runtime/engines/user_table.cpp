#include "runtime/engines/user_table.hpp"

#include "runtime/engines/durable_file.hpp"

#include <set>
#include <sstream>

namespace tidegate {

user_table::user_table(std::filesystem::path file, std::uint32_t first,
                       std::uint32_t count)
  : file_{std::move(file)}, first_{first}, count_{count} {
  std::istringstream lines{read_file(file_).value_or("")};
  std::string name;
  std::uint32_t user = 0;
  while (lines >> name >> user)
    users_[name] = user;
}

std::optional<std::uint32_t> user_table::free_user() const {
  std::set<std::uint32_t> taken;
  for (const auto& [name, user] : users_)
    taken.insert(user);
  for (std::uint32_t i = 0; i < count_; ++i)
    if (!taken.contains(first_ + i))
      return first_ + i;
  return std::nullopt;
}

user_table::answer user_table::user_of(const std::string& module) {
  const std::lock_guard guard{mutex_};
  if (const auto known = users_.find(module); known != users_.end())
    return {known->second, {}};
  const auto user = free_user();
  if (!user)
    return {{},
            "all " + std::to_string(count_)
              + " users of modules.users are taken, see " + file_.string()};
  auto all = users_;
  all[module] = *user;
  std::string text;
  for (const auto& [name, number] : all)
    text += name + ' ' + std::to_string(number) + '\n';
  if (auto problem = write_durably(file_, text); !problem.empty())
    return {{}, std::move(problem)};
  users_ = std::move(all);
  return {user, {}};
}

} // namespace tidegate
