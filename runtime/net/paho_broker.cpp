#include "runtime/net/paho_broker.hpp"

#include <MQTTAsync.h>
#include <caf/send.hpp>

#include <cstring>
#include <deque>
#include <fstream>
#include <mutex>
#include <utility>

namespace tidegate {

namespace {

std::string uri_of(const broker_access& to) {
  const bool bare = to.host.find(':') == std::string::npos;
  return (to.tls ? "ssl://" : "tcp://") + (bare ? to.host : '[' + to.host + ']')
         + ':' + std::to_string(to.port);
}

/// What a return code of Paho or of the broker's CONNACK means.
std::string meaning_of(int code) {
  switch (code) {
  case 1:
    return "it does not speak MQTT 3.1.1";
  case 2:
    return "it refuses the client id";
  case 3:
    return "it is not available";
  case 4:
    return "user name or password is wrong";
  case 5:
    return "this node is not authorised";
  default:
    break;
  }
  const auto* text = MQTTAsync_strerror(code);
  return text ? text : "code " + std::to_string(code);
}

/// One connection. Paho's threads call the functions that take `context`,
/// under a lock that every call to Paho needs: they take no other lock for
/// longer than a copy, and no call to Paho is made under that one.
class paho_connection final : public broker_connection {
public:
  paho_connection(broker_access to, caf::actor session)
    : to_{std::move(to)}, session_{std::move(session)} {}

  ~paho_connection() override {
    MQTTAsync_destroy(&client_); // no callback after this
  }

  void start() {
    const auto uri = uri_of(to_);
    auto failed = MQTTAsync_create(&client_, uri.c_str(), to_.client_id.c_str(),
                                   MQTTCLIENT_PERSISTENCE_NONE, nullptr);
    if (failed == MQTTASYNC_SUCCESS)
      failed = MQTTAsync_setCallbacks(client_, this, lost, arrived, nullptr);
    if (failed != MQTTASYNC_SUCCESS)
      return close("Paho cannot make a client: " + meaning_of(failed));
    if (!to_.password_file.empty() && !read_password())
      return close("cannot read the password file "
                   + to_.password_file.string());
    failed = connect();
    if (failed != MQTTASYNC_SUCCESS)
      close("Paho cannot connect: " + meaning_of(failed));
  }

  std::string publish(std::uint64_t number, const std::string& topic,
                      std::string_view payload) override {
    auto& slot = in_flight_.emplace_back(publication{this, number});
    MQTTAsync_responseOptions answer = MQTTAsync_responseOptions_initializer;
    answer.onSuccess = published;
    answer.context = &slot;
    const auto failed
      = MQTTAsync_send(client_, topic.c_str(), static_cast<int>(payload.size()),
                       payload.data(), 1, 0, &answer);
    return failed == MQTTASYNC_SUCCESS
             ? std::string{}
             : "the connection takes no message: " + meaning_of(failed);
  }

  void subscribe(const std::string& filter) override {
    MQTTAsync_responseOptions answer = MQTTAsync_responseOptions_initializer;
    answer.onSuccess = subscribed;
    answer.onFailure = not_subscribed;
    answer.context = this;
    if (MQTTAsync_subscribe(client_, filter.c_str(), 1, &answer)
        != MQTTASYNC_SUCCESS)
      caf::anon_send(session_, broker_subscribed{false});
  }

  std::vector<std::uint64_t> take_acknowledged() override {
    std::vector<std::uint64_t> taken;
    {
      const std::lock_guard lock{mutex_};
      taken.swap(acknowledged_);
    }
    for (const auto number : taken)
      in_flight_[number - in_flight_.front().number].done = true;
    while (!in_flight_.empty() && in_flight_.front().done)
      in_flight_.pop_front();
    return taken;
  }

private:
  /// What Paho knows a publication by. Made and removed by the actor; one
  /// that is in flight does not move.
  struct publication {
    paho_connection* of;
    std::uint64_t number;
    bool done = false;
  };

  bool read_password() {
    std::ifstream in{to_.password_file};
    return static_cast<bool>(std::getline(in, to_.password));
  }

  int connect() {
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.keepAliveInterval = static_cast<int>(to_.keep_alive.count());
    options.connectTimeout = static_cast<int>(to_.connect_timeout.count());
    options.cleansession = to_.clean_session ? 1 : 0;
    if (!to_.user.empty()) {
      options.username = to_.user.c_str();
      options.password = to_.password.c_str();
    }
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    if (to_.tls) {
      if (!to_.ca_file.empty())
        tls.trustStore = to_.ca_file.c_str();
      if (!to_.certificate.empty()) {
        tls.keyStore = to_.certificate.c_str();
        tls.privateKey = to_.key.c_str();
        // Without one OpenSSL would ask at the terminal.
        tls.privateKeyPassword = "";
      }
      tls.verify = 1;
      tls.ssl_error_cb = tls_complains;
      tls.ssl_error_context = this;
      options.ssl = &tls;
    }
    options.onSuccess = opened;
    options.onFailure = not_opened;
    options.context = this;
    return MQTTAsync_connect(client_, &options);
  }

  void close(std::string why) const {
    caf::anon_send(session_, broker_closed{std::move(why)});
  }

  static paho_connection& of(void* context) {
    return *static_cast<paho_connection*>(context);
  }

  static void opened(void* context, MQTTAsync_successData* data) {
    const auto kept = data && data->alt.connect.sessionPresent != 0;
    caf::anon_send(of(context).session_, broker_opened{kept});
  }

  static void not_opened(void* context, MQTTAsync_failureData* data) {
    auto& self = of(context);
    std::string why = "the broker cannot be reached";
    if (data)
      why = "the broker cannot be reached: "
            + (data->code < 0 && data->message ? std::string{data->message}
                                               : meaning_of(data->code));
    if (!self.tls_complaint_.empty())
      why += " (" + self.tls_complaint_ + ')';
    self.close(std::move(why));
  }

  static void lost(void* context, char*) {
    of(context).close("the connection to the broker was lost");
  }

  /// Called under Paho's lock, as `not_opened` is.
  static int tls_complains(const char* text, std::size_t size, void* context) {
    std::string_view line{text, size};
    while (!line.empty() && (line.back() == '\n' || line.back() == '\0'))
      line.remove_suffix(1);
    if (!line.empty())
      of(context).tls_complaint_ = line;
    return 1;
  }

  static void subscribed(void* context, MQTTAsync_successData*) {
    caf::anon_send(of(context).session_, broker_subscribed{true});
  }

  static void not_subscribed(void* context, MQTTAsync_failureData*) {
    caf::anon_send(of(context).session_, broker_subscribed{false});
  }

  static void published(void* context, MQTTAsync_successData*) {
    const auto& slot = *static_cast<publication*>(context);
    auto& self = *slot.of;
    bool first = false;
    {
      const std::lock_guard lock{self.mutex_};
      first = self.acknowledged_.empty();
      self.acknowledged_.push_back(slot.number);
    }
    if (first)
      caf::anon_send(self.session_, broker_acknowledged{});
  }

  static int arrived(void* context, char* topic, int size,
                     MQTTAsync_message* message) {
    broker_message copy;
    copy.topic = size > 0 ? std::string(topic, static_cast<std::size_t>(size))
                          : std::string{topic};
    copy.payload.assign(static_cast<const char*>(message->payload),
                        static_cast<std::size_t>(message->payloadlen));
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    caf::anon_send(of(context).session_, std::move(copy));
    return 1;
  }

  broker_access to_;
  caf::actor session_;
  MQTTAsync client_ = nullptr;
  std::deque<publication> in_flight_; ///< by number; of the actor's thread
  std::string tls_complaint_;
  std::mutex mutex_;
  std::vector<std::uint64_t> acknowledged_;
};

class paho_connector final : public broker_connector {
public:
  explicit paho_connector(broker_access to) : to_{std::move(to)} {
    static std::once_flag once;
    std::call_once(once, [] {
      // OpenSSL is this program's, not Paho's, to set up.
      MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
      MQTTAsync_global_init(&options);
    });
    // Paho ends its threads with its last client, which takes a second; this
    // one is never connected and stays.
    MQTTAsync_create(&keeper_, "tcp://localhost:1", "keeper",
                     MQTTCLIENT_PERSISTENCE_NONE, nullptr);
  }

  ~paho_connector() override { MQTTAsync_destroy(&keeper_); }

  std::unique_ptr<broker_connection> connect(caf::actor session) override {
    auto made = std::make_unique<paho_connection>(to_, std::move(session));
    made->start();
    return made;
  }

private:
  broker_access to_;
  MQTTAsync keeper_ = nullptr;
};

} // namespace

std::shared_ptr<broker_connector> make_paho_connector(broker_access to) {
  return std::make_shared<paho_connector>(std::move(to));
}

} // namespace tidegate
