#pragma once

#include <cstddef>
#include <vector>

namespace tidegate::routing {

/// Room for text that functions make. Given back all at once, from a mark on.
/// Keeps its first chunk, so that the next use needs no allocation.
class arena {
public:
  /// A state to go back to.
  struct mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };

  /// `size` bytes, or null when more than `max_scratch_size` would be in use.
  char* take(std::size_t size);
  /// Gives back the last `size` bytes of the latest `take`.
  void give_back(std::size_t size) { used_ -= size; }

  mark here() const { return {chunk_, used_}; }
  void rewind(mark to);

private:
  std::vector<std::vector<char>> chunks_;
  std::size_t chunk_ = 0; ///< the one in use
  std::size_t used_ = 0;  ///< bytes of it
  std::size_t total_ = 0; ///< size of all chunks
};

/// Gives back, at the end of its life, what was taken since its beginning.
class arena_scope {
public:
  explicit arena_scope(arena& room) : room_{room}, mark_{room.here()} {}
  arena_scope(const arena_scope&) = delete;
  arena_scope& operator=(const arena_scope&) = delete;
  ~arena_scope() { room_.rewind(mark_); }

private:
  arena& room_;
  arena::mark mark_;
};

} // namespace tidegate::routing
