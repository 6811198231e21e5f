#include "storage/elapsed_counter.hpp"

#include <utility>

namespace tidegate {

namespace {

constexpr std::string_view mark_key = "time";

/// A wall clock that differs from the other one by more than this was moved;
/// less is how clocks are kept right.
constexpr auto step = std::chrono::seconds{1};

} // namespace

elapsed_counter::elapsed_counter(database_ptr db, machine_clocks clocks)
  : db_{std::move(db)}, clocks_{std::move(clocks)} {}

caf::expected<std::shared_ptr<elapsed_counter>>
elapsed_counter::open(database_ptr db, machine_clocks clocks) {
  const std::shared_ptr<elapsed_counter> made{
    new elapsed_counter{std::move(db), std::move(clocks)}};
  std::optional<time_mark> last;
  {
    const auto open = made->db_->enter();
    if (!open)
      return made->db_->closed();
    std::string text;
    const auto read
      = open->db->Get({}, open->family(partition::meta), mark_key, &text);
    if (read.ok())
      last = decode_time_mark(text);
    else if (!read.IsNotFound())
      return store_error("read the time that was marked last", read);
  }
  const auto now = made->clocks_.read();
  made->began_ = resume(last, now);
  made->began_since_boot_ = now.since_boot;
  if (auto error = made->mark())
    return error;
  return made;
}

caf::error elapsed_counter::keep_mark() {
  const auto now = clocks_.read();
  const auto passed = now.since_boot - marked_.since_boot;
  const auto moved = now.wall - marked_.wall - passed;
  if (passed < time_mark_period && moved < step && moved > -step)
    return {};
  return mark();
}

caf::error elapsed_counter::mark() {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  const auto at = clocks_.read();
  const time_mark made{began_ + (at.since_boot - began_since_boot_), at};
  rocksdb::WriteBatch batch;
  if (auto status = batch.Put(open->family(partition::meta), mark_key,
                              encode_time_mark(made));
      !status.ok())
    return store_error("mark the time", status);
  if (auto error = db_->write(*open, batch, database::synced()))
    return error;
  marked_ = at;
  return {};
}

} // namespace tidegate
