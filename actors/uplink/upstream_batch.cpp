#include "actors/uplink/upstream_batch.hpp"

#include "messages/amqp/batch.hpp"
#include "messages/amqp/head_mapping.hpp"

namespace tidegate {

namespace {

/// Large enough to make the cost of a transfer small, small enough for the
/// first message not to wait for the last.
constexpr std::size_t preferred_size = 128u << 10;
constexpr std::size_t most_messages = 1000;

/// The most that a section header can take.
constexpr std::size_t header_size = 8;

} // namespace

void upstream_batch::clear() {
  encoded_.clear();
  count_ = 0;
}

const std::string& upstream_batch::front_of(const head_ptr& head) {
  if (head != last_head_) {
    front_.clear();
    amqp::write_upstream_head(front_, *head);
    last_head_ = head;
  }
  return front_;
}

bool upstream_batch::fits(const head_ptr& head, std::string_view payload) {
  const auto size = front_of(head).size() + header_size + payload.size();
  return count_ < most_messages && encoded_.size() + size <= preferred_size
         && amqp::fits_batch(encoded_.size(), size);
}

void upstream_batch::append(const head_ptr& head, std::string_view payload) {
  encoded_.append(front_of(head)).append(data_header_).append(payload);
  ++count_;
}

void upstream_batch::add(const head_ptr& head, std::string_view payload) {
  data_header_.clear();
  amqp::write_data_header(data_header_, payload.size());
  amqp::write_data_header(encoded_, front_of(head).size() + data_header_.size()
                                      + payload.size());
  append(head, payload);
}

void upstream_batch::set_single(const head_ptr& head,
                                std::string_view payload) {
  clear();
  data_header_.clear();
  amqp::write_data_header(data_header_, payload.size());
  append(head, payload);
}

} // namespace tidegate
