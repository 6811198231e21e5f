#include "actors/deployment/agent_tasks.hpp"

#include <boost/json/value.hpp>

namespace tidegate {

void agent_tasks::start(const std::string& correlation, std::string operation) {
  while (tasks_.size() >= most && !ended_.empty()) {
    tasks_.erase(ended_.front());
    ended_.pop_front();
  }
  tasks_[correlation] = {std::move(operation), "Running", {}};
  ++running_;
}

void agent_tasks::end(const std::string& correlation,
                      const std::string& problem) {
  const auto known = tasks_.find(correlation);
  if (known == tasks_.end() || known->second.status != "Running")
    return;
  auto& one = known->second;
  one.status = problem.empty() ? "Completed" : "Failed";
  if (!problem.empty())
    one.message
      = "Task " + one.operation + " failed because of error " + problem;
  --running_;
  ended_.push_back(correlation);
}

boost::json::object
agent_tasks::describe(const std::string& correlation) const {
  const auto known = tasks_.find(correlation);
  const auto found
    = known == tasks_.end() ? task{{}, "Unknown", {}} : known->second;
  return {{"status", found.status},
          {"message", found.message},
          {"correlationId", correlation}};
}

} // namespace tidegate
