#include "runtime/engines/artifacts/download_file.hpp"

namespace tidegate {

download_file::download_file(const std::filesystem::path& file,
                             std::uint64_t most, std::chrono::minutes time)
  : out_{file, std::ios::binary | std::ios::trunc}, name_{file.string()},
    most_{most}, time_{time}, end_{std::chrono::steady_clock::now() + time} {}

bool download_file::take(std::string_view piece) {
  size_ += piece.size();
  if (size_ > most_)
    problem_ = "it has more than " + std::to_string(most_) + " bytes";
  else if (std::chrono::steady_clock::now() > end_)
    problem_
      = "it takes longer than " + std::to_string(time_.count()) + " minutes";
  else if (!out_.write(piece.data(),
                       static_cast<std::streamsize>(piece.size())))
    problem_ = name_ + " cannot be written";
  return problem_.empty();
}

std::string download_file::finish() {
  out_.close();
  if (problem_.empty() && !out_)
    problem_ = name_ + " cannot be written";
  return problem_;
}

} // namespace tidegate
