#pragma once

#include <boost/json/stream_parser.hpp>
#include <functional>
#include <string_view>

namespace tidegate::docker {

/// Splits what a container engine sends piece by piece, one JSON value after
/// the other, wherever the pieces are cut.
class json_stream {
public:
  /// Longest value, in bytes.
  static constexpr std::size_t longest = 1u << 20;

  /// Calls `each` with every value that is complete now. False when what came
  /// is no JSON, or a value is too long: nothing can be read after that.
  bool feed(std::string_view piece,
            const std::function<void(const boost::json::value&)>& each);

private:
  boost::json::stream_parser parser_;
  std::size_t size_ = 0; ///< of the value that is being read
  bool broken_ = false;
};

} // namespace tidegate::docker
