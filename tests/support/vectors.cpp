#include "support/vectors.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tidegate {

std::filesystem::path vectors_folder() { return TIDEGATE_VECTORS; }

boost::json::value read_vectors(const std::string& name) {
  std::ifstream file{vectors_folder() / name};
  if (!file)
    throw std::runtime_error{"no test vectors called " + name};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return boost::json::parse(text);
}

} // namespace tidegate
