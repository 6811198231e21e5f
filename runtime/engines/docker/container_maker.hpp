#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/docker/docker_options.hpp"
#include "runtime/engines/docker/engine_api.hpp"
#include "runtime/engines/docker/images.hpp"

namespace tidegate::docker {

/// What came of making a container.
struct made_container {
  std::string problem; ///< empty when it is there
  /// There is one of that name already.
  bool exists = false;
  std::string image_id; ///< what it was to be made of
};

/// Makes containers for modules, and the network they share. On the thread of
/// the engine.
class container_maker {
public:
  container_maker(engine_api& api, images& all_images,
                  const docker_engine_options& options)
    : api_{api}, images_{all_images}, options_{options} {}

  boost::asio::awaitable<made_container> make(module_launch launch);

private:
  struct network {
    std::string gateway; ///< this machine's address in it; may be empty
    std::string problem;
  };
  boost::asio::awaitable<network> make_network();

  engine_api& api_;
  images& images_;
  const docker_engine_options& options_;
};

} // namespace tidegate::docker
