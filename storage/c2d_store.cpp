#include "storage/c2d_store.hpp"

#include "messages/binary.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <rocksdb/write_batch.h>

namespace tidegate {

namespace {

// Keys: "n" holds the last number given; "r" device 0 number the record, "b"
// device 0 number the contents (a block of one), "f" number the feedback.
// Numbers are big-endian, so that they sort. Ids hold no zero byte.
constexpr auto number_key = "n";

std::string number_text(std::uint64_t number) {
  std::string text(8, '\0');
  for (std::size_t i = 8; i-- > 0; number >>= 8)
    text[i] = static_cast<char>(number);
  return text;
}

std::uint64_t read_number(std::string_view text) {
  std::uint64_t number = 0;
  for (const unsigned char byte : text)
    number = number << 8 | byte;
  return number;
}

std::string key_of(char kind, const c2d_record& record) {
  return kind + record.device + '\0' + number_text(record.sequence);
}

std::string feedback_key(std::uint64_t sequence) {
  return 'f' + number_text(sequence);
}

/// Calls `take` with the key behind its first letter and the value of
/// everything under `kind`, until it returns false.
template <class Take>
rocksdb::Status scan(const rocks& open, char kind, Take take) {
  const std::string first{kind};
  const std::unique_ptr<rocksdb::Iterator> it{
    open.db->NewIterator({}, open.family(partition::commands))};
  for (it->Seek(first); it->Valid() && it->key().starts_with(first); it->Next())
    if (!take(it->key().ToStringView().substr(1), it->value().ToStringView()))
      break;
  return it->status();
}

} // namespace

caf::expected<std::unique_ptr<c2d_store>> c2d_store::open(database_ptr db) {
  std::unique_ptr<c2d_store> made{new c2d_store{std::move(db)}};
  if (auto failed = made->load())
    return failed;
  return made;
}

caf::error c2d_store::load() {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  std::string text;
  const auto read
    = open->db->Get({}, open->family(partition::commands), number_key, &text);
  if (read.ok())
    last_ = read_number(text);
  else if (!read.IsNotFound())
    return store_error("read the numbers of commands", read);
  return store_error(
    "read feedback",
    scan(*open, 'f', [this](std::string_view, std::string_view) {
      ++feedback_count_;
      return true;
    }));
}

caf::expected<std::vector<c2d_record>>
c2d_store::records(std::size_t& damaged) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  std::vector<c2d_record> all;
  const auto read
    = scan(*open, 'r', [&](std::string_view key, std::string_view value) {
        constexpr std::size_t tail = 9;
        auto record
          = key.size() <= tail
              ? std::nullopt
              : decode_c2d(std::string{key.substr(0, key.size() - tail)},
                           read_number(key.substr(key.size() - 8)), value);
        if (record)
          all.push_back(std::move(*record));
        else
          ++damaged;
        return true;
      });
  if (!read.ok())
    return store_error("read the commands", read);
  return all;
}

caf::expected<c2d_record>
c2d_store::add(c2d_record wanted, const head_ptr& head, const bytes& payload) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  wanted.sequence = last_ + 1;
  wanted.size = payload.size();
  block_builder packed{wanted.enqueued, payload.size()};
  packed.add(head, payload.view);
  const auto block = packed.finish();
  auto* const family = open->family(partition::commands);
  rocksdb::WriteBatch batch;
  batch.Put(family, number_key, number_text(wanted.sequence));
  batch.Put(family, key_of('r', wanted), encode_c2d(wanted));
  batch.Put(family, key_of('b', wanted), block->encoded());
  if (auto failed = db_->write(*open, batch, database::synced()))
    return failed;
  last_ = wanted.sequence;
  return wanted;
}

caf::expected<c2d_store::contents> c2d_store::read(const c2d_record& of) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  std::string text;
  const auto read = open->db->Get({}, open->family(partition::commands),
                                  key_of('b', of), &text);
  if (!read.ok() && !read.IsNotFound())
    return store_error("read a command", read);
  std::string why = "it is not there";
  const auto block
    = read.ok() ? decode_block(std::move(text), why) : block_ptr{};
  if (!block || block->size() != 1)
    return caf::make_error(ec::store_damaged,
                           "a command in the store is not well formed: " + why);
  return contents{block->head(0), {block, block->payload(0)}};
}

caf::error c2d_store::update(const c2d_record& record) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  return store_error("write a command",
                     open->db->Put(db_->relaxed(),
                                   open->family(partition::commands),
                                   key_of('r', record), encode_c2d(record)));
}

caf::error c2d_store::remove(const c2d_record& record,
                             const std::optional<c2d_feedback>& told) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto* const family = open->family(partition::commands);
  rocksdb::WriteBatch batch;
  batch.Delete(family, key_of('r', record));
  batch.Delete(family, key_of('b', record));
  const auto keeps = told && feedback_count_ < most_feedback;
  if (keeps)
    batch.Put(family, feedback_key(record.sequence), encode_feedback(*told));
  if (auto failed = db_->write(*open, batch, db_->relaxed()))
    return failed;
  feedback_count_ += keeps ? 1 : 0;
  return {};
}

caf::expected<std::vector<c2d_feedback>>
c2d_store::feedback(std::size_t most) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  std::vector<c2d_feedback> all;
  const auto read
    = scan(*open, 'f', [&](std::string_view key, std::string_view value) {
        if (auto one = decode_feedback(read_number(key), value))
          all.push_back(std::move(*one));
        return all.size() < most;
      });
  if (!read.ok())
    return store_error("read feedback", read);
  return all;
}

caf::error
c2d_store::forget_feedback(const std::vector<std::uint64_t>& sequences) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  rocksdb::WriteBatch batch;
  for (const auto sequence : sequences)
    batch.Delete(open->family(partition::commands), feedback_key(sequence));
  if (auto failed = db_->write(*open, batch, database::synced()))
    return failed;
  feedback_count_ -= std::min(feedback_count_, sequences.size());
  return {};
}

} // namespace tidegate
