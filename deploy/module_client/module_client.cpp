#include "module_client/module_client.hpp"

#include "module_client/event_topic.hpp"
#include "module_client/module_identity.hpp"
#include "module_client/send_window.hpp"
#include "module_client/workload.hpp"

#include <MQTTAsync.h>
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace tidegate::module {

namespace {

constexpr std::chrono::minutes token_life{60};
constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{30};
constexpr int keep_alive_seconds = 60;
constexpr int connect_seconds = 20;

/// Paho takes the certificates to trust as a file.
class trust_file {
public:
  void write(const std::string& pem) {
    if (path_.empty()) {
      path_ = "/tmp/tidegate-trust-XXXXXX";
      const int handle = ::mkstemp(path_.data());
      if (handle < 0)
        throw std::runtime_error{"cannot write a temporary file"};
      ::close(handle);
    }
    std::ofstream{path_, std::ios::trunc} << pem;
  }

  ~trust_file() {
    if (!path_.empty())
      ::unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// A thread of its own, the keeper, connects and sends again; Paho's threads
/// only set flags and hand messages over. No lock is held around a call of
/// Paho.
class paho_client final : public client {
public:
  explicit paho_client(module_identity who) : who_{std::move(who)} {
    const auto address = "ssl://" + who_.gateway_host + ':' + who_.port;
    if (MQTTAsync_create(&handle_, address.c_str(), client_id(who_).c_str(),
                         MQTTCLIENT_PERSISTENCE_NONE, nullptr)
        != MQTTASYNC_SUCCESS)
      throw std::runtime_error{"cannot create an MQTT client for " + address};
    MQTTAsync_setCallbacks(handle_, this, on_lost, on_message, nullptr);
  }

  ~paho_client() override {
    close();
    MQTTAsync_destroy(&handle_);
  }

  void on_input(const std::string& input, input_handler handle) override {
    handlers_[input] = std::move(handle);
  }

  void open() override {
    if (!handlers_.empty())
      worker_ = std::thread{[this] { work(); }};
    keeper_ = std::thread{[this] { keep(); }};
  }

  bool send_event(const std::string& output, const message& what) override {
    auto topic
      = event_topic(who_, output, what, std::chrono::system_clock::now());
    const std::lock_guard order{sending_};
    send_window::slot* slot = nullptr;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return closing_ || !window_.full(); });
      if (closing_)
        return false;
      slot = window_.take(std::move(topic), what.body);
      if (!ready_)
        return true; // the keeper sends it once there is a connection
    }
    send(slot);
    return true;
  }

  bool flush(std::chrono::milliseconds within) override {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, within, [this] { return window_.empty(); });
  }

  void close() override {
    {
      const std::lock_guard lock{mutex_};
      if (closing_)
        return;
      closing_ = true;
      changed_.notify_all();
    }
    if (keeper_.joinable())
      keeper_.join();
    if (worker_.joinable())
      worker_.join();
    MQTTAsync_disconnectOptions options
      = MQTTAsync_disconnectOptions_initializer;
    options.timeout = 500;
    MQTTAsync_disconnect(handle_, &options);
  }

private:
  enum class link { down, connecting, up };

  /// What a send's callback needs; one per slot, reused.
  struct delivery {
    paho_client* self = nullptr;
    send_window::slot* slot = nullptr;
  };

  void keep() {
    auto pause = first_pause;
    std::unique_lock lock{mutex_};
    while (!closing_) {
      if (link_ == link::up && !ready_) {
        lock.unlock();
        resume();
        lock.lock();
        pause = first_pause;
      } else if (link_ == link::down) {
        link_ = link::connecting;
        lock.unlock();
        const auto why = connect();
        lock.lock();
        if (!why.empty()) {
          link_ = link::down;
          complain(why);
        }
        if (link_ != link::up)
          changed_.wait_for(lock, pause,
                            [this] { return closing_ || link_ == link::up; });
        if (link_ != link::up)
          pause = std::min(2 * pause, longest_pause);
      } else {
        changed_.wait(lock, [this] {
          return closing_ || link_ == link::down
                 || (link_ == link::up && !ready_);
        });
      }
    }
  }

  static void complain(const std::string& why) {
    std::fprintf(stderr, "module client: %s; trying again\n", why.c_str());
  }

  /// Starts a connection with a fresh token; returns why it could not.
  std::string connect() {
    try {
      trust_.write(workload_trust_bundle(who_));
      const auto expires = std::chrono::floor<std::chrono::seconds>(
                             std::chrono::system_clock::now())
                           + token_life;
      const auto resource = token_resource(who_);
      const auto digest = workload_sign(
        who_,
        resource + '\n' + std::to_string(expires.time_since_epoch().count()));
      return start(token_text(resource, digest, expires));
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  std::string start(const std::string& token) {
    const auto user = user_name(who_);
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = trust_.path().c_str();
    tls.enableServerCertAuth = 1;
    tls.verify = 1;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    options.keepAliveInterval = keep_alive_seconds;
    options.connectTimeout = connect_seconds;
    options.cleansession = 1;
    options.maxInflight = static_cast<int>(window);
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.username = user.c_str();
    options.password = token.c_str();
    options.ssl = &tls;
    options.onSuccess = on_connected;
    options.onFailure = on_refused;
    options.context = this;
    const auto result = MQTTAsync_connect(handle_, &options);
    return result == MQTTASYNC_SUCCESS
             ? std::string{}
             : "cannot connect: " + std::to_string(result);
  }

  /// A connection is up: take up inputs, then send what is not acknowledged,
  /// oldest first, before anything new.
  void resume() {
    const std::lock_guard order{sending_};
    if (!handlers_.empty())
      MQTTAsync_subscribe(handle_, inputs_filter(who_).c_str(), 1, nullptr);
    std::vector<send_window::slot*> again;
    {
      const std::lock_guard lock{mutex_};
      again = window_.pending();
    }
    for (auto* slot : again)
      send(slot);
    const std::lock_guard lock{mutex_};
    ready_ = link_ == link::up;
  }

  void send(send_window::slot* slot) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    delivery* with = nullptr;
    {
      const std::lock_guard lock{mutex_};
      deliveries_.push_back({this, slot});
      with = &deliveries_.back();
      // As many as the window has slots are under way; older ones are over.
      if (deliveries_.size() > 4 * window)
        deliveries_.pop_front();
    }
    options.onSuccess = on_acknowledged;
    options.context = with;
    MQTTAsync_send(handle_, slot->topic.c_str(),
                   static_cast<int>(slot->body.size()), slot->body.data(), 1, 0,
                   &options);
  }

  void set_link(link now) {
    const std::lock_guard lock{mutex_};
    link_ = now;
    ready_ = false;
    changed_.notify_all();
  }

  static void on_connected(void* context, MQTTAsync_successData*) {
    static_cast<paho_client*>(context)->set_link(link::up);
  }

  static void on_refused(void* context, MQTTAsync_failureData* data) {
    const auto* text = data && data->message ? data->message : "refused";
    complain(std::string{"the gateway does not take the connection: "} + text);
    static_cast<paho_client*>(context)->set_link(link::down);
  }

  static void on_lost(void* context, char*) {
    static_cast<paho_client*>(context)->set_link(link::down);
  }

  static void on_acknowledged(void* context, MQTTAsync_successData*) {
    const auto* with = static_cast<delivery*>(context);
    const std::lock_guard lock{with->self->mutex_};
    with->self->window_.free(with->slot);
    with->self->changed_.notify_all();
  }

  static int on_message(void* context, char* topic, int length,
                        MQTTAsync_message* what) {
    auto* self = static_cast<paho_client*>(context);
    const auto size = length > 0 ? static_cast<std::size_t>(length)
                                 : std::string_view{topic}.size();
    auto read = parse_input(self->who_, std::string{topic, size},
                            {static_cast<const char*>(what->payload),
                             static_cast<std::size_t>(what->payloadlen)});
    if (read) {
      const std::lock_guard lock{self->mutex_};
      self->inputs_.push_back(std::move(*read));
      self->changed_.notify_all();
    }
    MQTTAsync_freeMessage(&what);
    MQTTAsync_free(topic);
    return 1;
  }

  /// Handlers run here, so that they may send and wait for acknowledgements.
  void work() {
    std::unique_lock lock{mutex_};
    while (true) {
      changed_.wait(lock, [this] { return closing_ || !inputs_.empty(); });
      if (closing_)
        return;
      const auto next = std::move(inputs_.front());
      inputs_.pop_front();
      lock.unlock();
      const auto handler = handlers_.find(next.input);
      if (handler != handlers_.end())
        handler->second(next.what);
      lock.lock();
    }
  }

  module_identity who_;
  MQTTAsync handle_ = nullptr;
  trust_file trust_;
  std::map<std::string, input_handler> handlers_;
  std::thread keeper_;
  std::thread worker_;
  std::mutex sending_; ///< keeps the order of messages; taken before `mutex_`
  std::mutex mutex_;   ///< guards what follows
  std::condition_variable changed_;
  link link_ = link::down;
  bool ready_ = false; ///< up, and everything older was sent
  bool closing_ = false;
  send_window window_{window};
  std::deque<delivery> deliveries_;
  std::deque<input_message> inputs_;
};

} // namespace

std::unique_ptr<client> client::from_environment() {
  return std::make_unique<paho_client>(read_identity([](const char* name) {
    const char* value = std::getenv(name);
    return std::string{value ? value : ""};
  }));
}

} // namespace tidegate::module
