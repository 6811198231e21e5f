#include "runtime/engines/docker/json_stream.hpp"

namespace tidegate::docker {

namespace {

constexpr std::string_view blank = " \t\r\n";

} // namespace

bool json_stream::feed(
  std::string_view piece,
  const std::function<void(const boost::json::value&)>& each) {
  while (!broken_ && !piece.empty()) {
    if (size_ == 0)
      piece.remove_prefix(
        std::min(piece.find_first_not_of(blank), piece.size()));
    if (piece.empty())
      break;
    boost::json::error_code failed;
    const auto taken = parser_.write_some(piece.data(), piece.size(), failed);
    size_ += taken;
    piece.remove_prefix(taken);
    broken_ = failed || size_ > longest;
    if (broken_ || !parser_.done())
      continue;
    each(parser_.release());
    parser_.reset();
    size_ = 0;
  }
  return !broken_;
}

} // namespace tidegate::docker
