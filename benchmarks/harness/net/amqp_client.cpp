#include "benchmarks/harness/net/amqp_client.hpp"

#include <cstring>
#include <limits>
#include <proton/codec.h>
#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/delivery.h>
#include <proton/link.h>
#include <proton/message.h>
#include <proton/sasl.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

namespace tidegate::harness {

namespace {

using boost::system::error_code;

constexpr std::size_t input_size = 65'536;
constexpr std::uint32_t frame_size = 65'536;
/// Deliveries a subscriber lets the server have under way.
constexpr int credit = 1000;
constexpr std::chrono::seconds tick_every{15};
/// The number of a message that the server may not take.
constexpr auto offence_number = std::numeric_limits<std::uint64_t>::max();

pn_bytes_t bytes_of(std::string_view text) {
  return pn_bytes(text.size(), text.data());
}

using properties = std::vector<std::pair<std::string, std::string>>;

void add(pn_message_t* message, const properties& all) {
  auto* const map = pn_message_properties(message);
  pn_data_put_map(map);
  pn_data_enter(map);
  for (const auto& [name, value] : all) {
    pn_data_put_string(map, bytes_of(name));
    pn_data_put_string(map, bytes_of(value));
  }
  pn_data_exit(map);
}

properties properties_of(const client_spec& spec) {
  if (spec.output_name.empty())
    return {};
  return {{"iothub-outputname", spec.output_name}};
}

/// A message with one data section, encoded; empty when it cannot be.
std::string encode_data(const std::string& payload, const properties& all) {
  auto* const message = pn_message();
  pn_message_set_inferred(message, true);
  auto room = payload.size() + 256;
  for (const auto& [name, value] : all)
    room += name.size() + value.size() + 16;
  if (!all.empty())
    add(message, all);
  pn_data_put_binary(pn_message_body(message), bytes_of(payload));
  std::string encoded(room, '\0');
  auto size = encoded.size();
  const auto failed = pn_message_encode(message, encoded.data(), &size);
  pn_message_free(message);
  encoded.resize(failed ? 0 : size);
  return encoded;
}

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(stamp_clock())
    .count();
}

std::string text_of(pn_condition_t* condition) {
  if (!condition || !pn_condition_is_set(condition))
    return "the server ended it";
  const auto* const name = pn_condition_get_name(condition);
  const auto* const description = pn_condition_get_description(condition);
  return std::string{name ? name : ""} + ": "
         + (description ? description : "");
}

} // namespace

amqp_client::amqp_client(const stream_factory& streams, client_spec spec,
                         client_listener& listener)
  : spec_(std::move(spec)), listener_(listener),
    stream_(streams.make(spec_.to.over, "AMQPWSB10")), ticker_(streams.io),
    input_(spec_.does == role::idle ? 4096 : input_size) {
  pn_connection_driver_init(&driver_, nullptr, nullptr);
  if (spec_.does == role::publish || spec_.does == role::relay)
    prepare();
}

amqp_client::~amqp_client() { pn_connection_driver_destroy(&driver_); }

void amqp_client::prepare() {
  const auto payload = blank_payload(spec_.payload_size);
  message_ = encode_data(payload, properties_of(spec_));
  stamp_at_ = message_.find(payload) + stamp_offset;
}

void amqp_client::open() {
  auto self = shared_from_this();
  stream_->open(spec_.to, [this, self](error_code bad) {
    if (closed_)
      return;
    if (bad) {
      fail(bad.message());
      return;
    }
    introduce();
    tick();
    if (!dispatch()) // binds the connection before the first byte moves
      return;
    flush();
    read();
  });
}

void amqp_client::introduce() {
  auto* const connection = driver_.connection;
  pn_connection_set_container(connection, spec_.client_id.c_str());
  pn_connection_set_hostname(connection, spec_.to.host.c_str());
  pn_connection_set_user(connection, spec_.user_name.c_str());
  pn_connection_set_password(connection, spec_.password.c_str());
  pn_transport_set_max_frame(driver_.transport, frame_size);
  auto* const sasl = pn_sasl(driver_.transport);
  pn_sasl_allowed_mechs(sasl, "PLAIN");
  pn_sasl_set_allow_insecure_mechs(sasl, true);
  pn_connection_open(connection);
  auto* const session = pn_session(connection);
  pn_session_open(session);
  if (spec_.does == role::subscribe || spec_.does == role::relay) {
    receiver_ = pn_receiver(session, "inputs");
    pn_terminus_set_address(pn_link_source(receiver_), spec_.input.c_str());
    pn_link_flow(receiver_, credit);
    pn_link_open(receiver_);
  }
  if (spec_.does != role::subscribe) {
    sender_ = pn_sender(session, "events");
    pn_terminus_set_address(pn_link_target(sender_), spec_.output.c_str());
    pn_link_open(sender_);
  }
}

bool amqp_client::publish(std::uint64_t number, const stamp& what) {
  if (in_flight_ >= spec_.window || pn_link_credit(sender_) <= 0)
    return false;
  ++in_flight_;
  const auto* const tag = reinterpret_cast<const char*>(&number);
  auto* const delivery = pn_delivery(sender_, pn_dtag(tag, sizeof(number)));
  write_stamp(message_.data() + stamp_at_, what);
  pn_link_send(sender_, message_.data(), message_.size());
  // Proton only carries the number; it never looks where it "points".
  pn_delivery_set_context(delivery, reinterpret_cast<void*>(number));
  pn_link_advance(sender_);
  return true;
}

bool amqp_client::offend(offence how) {
  if (offending_ || pn_link_credit(sender_) <= 0)
    return false;
  auto all = properties_of(spec_);
  if (how == offence::properties)
    while (all.size() < too_many_properties)
      all.emplace_back("p" + std::to_string(all.size()), "1");
  const auto message = encode_data(
    blank_payload(how == offence::payload ? too_many_bytes : smallest_payload),
    all);
  const auto* const tag = reinterpret_cast<const char*>(&offence_number);
  auto* const delivery
    = pn_delivery(sender_, pn_dtag(tag, sizeof(offence_number)));
  pn_link_send(sender_, message.data(), message.size());
  pn_delivery_set_context(delivery, reinterpret_cast<void*>(offence_number));
  pn_link_advance(sender_);
  offending_ = true;
  return true;
}

void amqp_client::acknowledge() {
  auto* const delivery = unacknowledged_.front();
  unacknowledged_.pop_front();
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  pn_link_flow(receiver_, 1);
}

void amqp_client::flush() {
  if (writing_ || closed_)
    return;
  const auto data = pn_connection_driver_write_buffer(&driver_);
  if (data.size == 0)
    return;
  sending_.assign(data.start, data.size);
  pn_connection_driver_write_done(&driver_, data.size);
  writing_ = true;
  auto self = shared_from_this();
  stream_->write(boost::asio::buffer(sending_),
                 [this, self](error_code bad, std::size_t) {
                   writing_ = false;
                   if (closed_)
                     return;
                   if (bad)
                     fail(bad.message());
                   else
                     flush();
                 });
}

void amqp_client::close() {
  closed_ = true;
  ticker_.cancel();
  stream_->close();
}

bool amqp_client::fail(std::string_view why) {
  if (!closed_) {
    close();
    listener_.on_closed(why);
  }
  return false;
}

void amqp_client::tick() {
  pn_transport_tick(driver_.transport, milliseconds_now());
  ticker_.expires_after(tick_every);
  ticker_.async_wait([weak = weak_from_this()](error_code stopped) {
    const auto self = weak.lock();
    if (stopped || !self || self->closed_)
      return;
    self->tick();
    if (self->dispatch())
      self->flush();
  });
}

void amqp_client::read() {
  auto self = shared_from_this();
  stream_->read_some(boost::asio::buffer(input_),
                     [this, self](error_code bad, std::size_t count) {
                       if (closed_)
                         return;
                       if (bad)
                         fail(bad.message());
                       else
                         read_done(count);
                     });
}

void amqp_client::read_done(std::size_t count) {
  for (std::string_view rest{input_.data(), count}; !rest.empty();) {
    const auto room = pn_connection_driver_read_buffer(&driver_);
    const auto taken = std::min(room.size, rest.size());
    if (taken == 0) {
      fail("the server went on after the end of the connection");
      return;
    }
    std::memcpy(room.start, rest.data(), taken);
    pn_connection_driver_read_done(&driver_, taken);
    rest.remove_prefix(taken);
    if (!dispatch())
      return;
  }
  listener_.on_batch_end();
  flush();
  if (!closed_)
    read();
}

bool amqp_client::dispatch() {
  while (auto* const event = pn_connection_driver_next_event(&driver_))
    if (!handle(event))
      return false;
  return !closed_;
}

bool amqp_client::handle(pn_event_t* event) {
  switch (pn_event_type(event)) {
  case PN_LINK_REMOTE_OPEN:
    // Who publishes waits for credit, a refused link for its detach.
    if (spec_.does == role::publish || spec_.does == role::relay
        || pn_terminus_get_type(pn_link_remote_source(pn_event_link(event)))
             == PN_UNSPECIFIED)
      return true;
    [[fallthrough]];
  case PN_LINK_FLOW:
    if (!std::exchange(ready_, true))
      listener_.on_ready();
    return !closed_;
  case PN_DELIVERY:
    return handle_delivery(pn_event_delivery(event));
  case PN_LINK_REMOTE_CLOSE:
    return fail("link refused: "
                + text_of(pn_link_remote_condition(pn_event_link(event))));
  case PN_CONNECTION_REMOTE_CLOSE:
    return fail(text_of(pn_connection_remote_condition(driver_.connection)));
  case PN_TRANSPORT_ERROR:
    return fail(text_of(pn_transport_condition(driver_.transport)));
  default:
    return true;
  }
}

bool amqp_client::handle_delivery(pn_delivery_t* delivery) {
  return pn_link_is_sender(pn_delivery_link(delivery))
           ? handle_outcome(delivery)
           : handle_arrival(delivery);
}

bool amqp_client::handle_outcome(pn_delivery_t* delivery) {
  if (!pn_delivery_updated(delivery))
    return true;
  const auto state = pn_delivery_remote_state(delivery);
  if (state == 0)
    return true;
  const auto sequence
    = reinterpret_cast<std::uint64_t>(pn_delivery_get_context(delivery));
  const auto why
    = text_of(pn_disposition_condition(pn_delivery_remote(delivery)));
  pn_delivery_settle(delivery);
  if (sequence == offence_number) {
    offending_ = false;
    if (state != PN_ACCEPTED && state != PN_REJECTED)
      return fail("message not accepted: " + why);
    listener_.on_offence_answered(state == PN_ACCEPTED);
    return !closed_;
  }
  --in_flight_;
  // The owner sends again, in order, what a new connection finds unsettled.
  if (state != PN_ACCEPTED)
    return fail("message not accepted: " + why);
  listener_.on_acknowledged(sequence);
  return !closed_;
}

bool amqp_client::handle_arrival(pn_delivery_t* delivery) {
  if (!pn_delivery_readable(delivery) || pn_delivery_partial(delivery))
    return true;
  arrived_.resize(pn_delivery_pending(delivery));
  pn_link_recv(receiver_, arrived_.data(), arrived_.size());
  pn_link_advance(receiver_);
  unacknowledged_.push_back(delivery);
  // The stamp is found in the encoded message as well as in its body.
  if (listener_.on_message(arrived_) && !closed_)
    acknowledge();
  return !closed_;
}

} // namespace tidegate::harness
