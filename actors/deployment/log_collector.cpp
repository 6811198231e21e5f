#include "actors/deployment/log_collector.hpp"

#include <caf/send.hpp>

namespace tidegate {

log_collector::log_collector(std::uint64_t ticket, std::string module,
                             std::size_t limit, caf::actor owner)
  : limit_{limit}, owner_{std::move(owner)} {
  made_.ticket = ticket;
  made_.module = std::move(module);
  made_.lines = std::make_shared<std::vector<deployment::module_line>>();
}

/// What is left out stays in the vector, empty, until the end: a log is not
/// moved line by line.
void log_collector::make_room() {
  auto& lines = *made_.lines;
  while (bytes_ > limit_ && first_ + 1 < lines.size()) {
    bytes_ -= lines[first_].text.size() + 1;
    lines[first_++].text = {};
    made_.cut = true;
  }
}

bool log_collector::lines(std::vector<log_line> batch) {
  for (auto& line : batch) {
    bytes_ += line.text.size() + 1;
    auto& open = open_[line.error ? 1 : 0];
    auto& lines = *made_.lines;
    // A piece of a line that was left out is left out too.
    if (open && *open >= first_)
      lines[*open].text += line.text;
    else if (open)
      bytes_ -= line.text.size() + 1;
    else
      lines.push_back({line.time, line.error, std::move(line.text)});
    if (!line.partial)
      open.reset();
    else if (!open)
      open = lines.size() - 1;
  }
  make_room();
  return true;
}

void log_collector::end(const std::string& problem) {
  made_.problem = problem;
  made_.lines->erase(made_.lines->begin(),
                     made_.lines->begin()
                       + static_cast<std::ptrdiff_t>(first_));
  caf::anon_send(owner_, std::move(made_));
  owner_ = nullptr;
}

} // namespace tidegate
