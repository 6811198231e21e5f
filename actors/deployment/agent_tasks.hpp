#pragma once

#include <boost/json/object.hpp>
#include <deque>
#include <map>
#include <string>

namespace tidegate {

/// What became of tasks that direct methods have started (edge-agent spec 7).
/// Remembers the last `most`.
class agent_tasks {
public:
  static constexpr std::size_t most = 100;

  /// `operation` is `upload logs` or `upload support bundle`.
  void start(const std::string& correlation, std::string operation);
  /// It went well if there is no problem.
  void end(const std::string& correlation, const std::string& problem);
  /// `{"status","message","correlationId"}`; one that is not known is
  /// `Unknown`.
  boost::json::object describe(const std::string& correlation) const;
  bool is_full() const { return running_ >= most; }

private:
  struct task {
    std::string operation, status, message;
  };

  std::map<std::string, task> tasks_;
  std::deque<std::string> ended_; ///< oldest first
  std::size_t running_ = 0;
};

} // namespace tidegate
