#include "runtime/api/configuration_calls.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/configuration_content.hpp"

#include <deque>
#include <memory>

namespace tidegate {

namespace {

constexpr auto manager = "IotEdge";

/// One deployment being applied. The actor bridge runs one step at a time.
class application : public std::enable_shared_from_this<application> {
public:
  application(configuration_context with, std::string device,
              configuration_content content, http::responder answer)
    : with_{std::move(with)}, device_{std::move(device)},
      modules_{content.modules.begin(), content.modules.end()},
      twins_{content.twins.begin(), content.twins.end()}, answer_{std::move(
                                                            answer)} {}

  void start() {
    with_.actors.ask<identity>(
      with_.identities, get_identity{{device_, {}}},
      [self = shared_from_this()](const identity& found) {
        if (found.edge)
          self->next();
        else
          self->fail(caf::make_error(
            ec::bad_argument, "`" + self->device_ + "` is not an edge device"));
      },
      failed());
  }

private:
  void next() {
    if (!modules_.empty())
      return make_module();
    if (!twins_.empty())
      return change_twin_of();
    answer_.send({204, {}});
  }

  void make_module() {
    identity wanted;
    wanted.id = {device_, modules_.front()};
    wanted.managed_by = manager;
    modules_.pop_front();
    with_.actors.ask<identity>(
      with_.identities, put_identity{wanted},
      [self = shared_from_this()](const identity&) { self->next(); },
      [self = shared_from_this()](const caf::error& error) {
        if (error == ec::exists)
          self->next();
        else
          self->fail(error);
      });
  }

  void change_twin_of() {
    auto& content = twins_.front();
    boost::json::object change;
    change["properties"] = {{"desired", std::move(content.desired)}};
    change_twin wish{
      {device_, content.module}, std::move(change), content.whole, {}};
    twins_.pop_front();
    with_.actors.ask<twin_document>(
      with_.twins, std::move(wish),
      [self = shared_from_this()](const twin_document&) { self->next(); },
      failed());
  }

  std::function<void(const caf::error&)> failed() {
    return [self = shared_from_this()](const caf::error& error) {
      self->fail(error);
    };
  }

  void fail(const caf::error& why) const {
    with_.tell(answer_, {device_, {}})(why);
  }

  configuration_context with_;
  std::string device_;
  std::deque<std::string> modules_;
  std::deque<module_content> twins_;
  http::responder answer_;
};

} // namespace

void apply_configuration(const configuration_context& with,
                         const std::string& device, const std::string& body,
                         const http::responder& answer) {
  std::string why;
  auto content = parse_configuration_content(body, why);
  if (!content)
    return with.tell(answer,
                     {device, {}})(caf::make_error(ec::bad_argument, why));
  std::make_shared<application>(with, device, std::move(*content), answer)
    ->start();
}

} // namespace tidegate
