#pragma once

#include "storage/c2d_record.hpp"
#include "storage/database.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// The cloud-to-device messages that wait for their devices, and what their
/// senders are to be told of their fate. Used by one thread.
class c2d_store {
public:
  /// What the device is sent.
  struct contents {
    head_ptr head;
    bytes payload;
  };

  /// Feedback that nobody reads is kept up to this many records.
  static constexpr std::size_t most_feedback = 10'000;

  /// Reads where the numbers go on. `ec::store_damaged`.
  static caf::expected<std::unique_ptr<c2d_store>> open(database_ptr db);

  /// Everything that waits, by device and number. A record that cannot be
  /// read is counted in `damaged`, and left where it is.
  caf::expected<std::vector<c2d_record>> records(std::size_t& damaged) const;

  /// Stores a message and gives it its number. Synced when it returns.
  caf::expected<c2d_record> add(c2d_record wanted, const head_ptr& head,
                                const bytes& payload);

  /// `ec::store_damaged` when they cannot be read.
  caf::expected<contents> read(const c2d_record& of) const;

  /// Keeps a changed delivery count. Not synced: a power cut may forget it.
  caf::error update(const c2d_record& record);

  /// Removes a message and keeps its feedback, if any, in one go. Not synced:
  /// after a power cut the message may be there again, without its feedback.
  caf::error remove(const c2d_record& record,
                    const std::optional<c2d_feedback>& told = {});

  /// The oldest messages' feedback first.
  caf::expected<std::vector<c2d_feedback>> feedback(std::size_t most) const;
  std::size_t feedback_count() const { return feedback_count_; }

  /// Forgets the feedback of these messages.
  caf::error forget_feedback(const std::vector<std::uint64_t>& sequences);

private:
  explicit c2d_store(database_ptr db) : db_{std::move(db)} {}
  caf::error load();

  database_ptr db_;
  std::uint64_t last_ = 0; ///< number given
  std::size_t feedback_count_ = 0;
};

} // namespace tidegate
