#pragma once

#include "actors/modules/engine.hpp"
#include "runtime/engines/docker/docker_options.hpp"
#include "runtime/engines/docker/engine_api.hpp"
#include "runtime/engines/docker/image_use.hpp"

#include <set>

namespace tidegate::docker {

/// What an engine knows about an image.
struct image_facts {
  std::string id;                   ///< `sha256:...`
  std::vector<std::string> digests; ///< `registry/name@sha256:...`
};

/// True when `digest` (`sha256:...`) is the image's own or one that its
/// registry knows it by.
bool has_digest(const image_facts& image, const std::string& digest);

/// The images of one engine: fetches them, and removes those that modules no
/// longer use. On the thread of the context.
class images {
public:
  images(engine_api& api, const docker_engine_options& options);

  /// Fetches the image as the pull policy says, whether or not it is there,
  /// unless the one that is there has the digest that is asked for. Empty
  /// text, or why a container cannot be made of it.
  boost::asio::awaitable<std::string> fetch(module_launch launch);

  struct found_image {
    image_facts facts;
    std::string problem; ///< empty when it can be used
  };

  /// The image for a container that is made now; fetches it only when it is
  /// not there.
  boost::asio::awaitable<found_image> take(module_launch launch);

  /// A container is made of it, or was removed: it was used until now.
  void used(const std::string& id);

  /// Removes images in time, for ever.
  boost::asio::awaitable<void> clean_up_daily();

  /// Removes the images that are due at `now` (seconds since 1970).
  boost::asio::awaitable<void> clean_up(std::int64_t now);

private:
  boost::asio::awaitable<found_image> find(std::string image);
  boost::asio::awaitable<std::string> pull(module_launch launch);
  boost::asio::awaitable<bool> images_in_use(std::set<std::string>& all);
  void save();

  engine_api& api_;
  const docker_engine_options& options_;
  std::filesystem::path file_;
  image_uses uses_;
};

} // namespace tidegate::docker
