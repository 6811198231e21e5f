#include "messages/deployment/create_body.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

namespace tidegate::deployment {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// Takes the member out, however its name is written; null when there is none.
value take(object& from, std::string_view name) {
  value taken;
  for (auto member = from.begin(); member != from.end();)
    if (equal_without_case(member->key(), name)) {
      taken = std::move(member->value());
      member = from.erase(member);
    } else {
      ++member;
    }
  return taken;
}

/// The member as `Kind`, under its proper name; an empty one when it is
/// missing or of another kind.
object& object_in(object& in, std::string_view name) {
  auto taken = take(in, name);
  if (!taken.is_object())
    taken = object{};
  return in.insert_or_assign(name, std::move(taken))
    .first->value()
    .get_object();
}

array& array_in(object& in, std::string_view name) {
  auto taken = take(in, name);
  if (!taken.is_array())
    taken = array{};
  return in.insert_or_assign(name, std::move(taken)).first->value().get_array();
}

void append(object& in, std::string_view name,
            const std::vector<std::string>& more) {
  if (more.empty())
    return;
  auto& all = array_in(in, name);
  for (const auto& text : more)
    all.emplace_back(text);
}

void set_env(object& body, std::map<std::string, std::string> env) {
  auto& options = array_in(body, "Env");
  for (const auto& entry : options)
    if (const auto* text = entry.if_string()) {
      const std::string_view all{text->data(), text->size()};
      const auto equals = std::min(all.find('='), all.size());
      env[std::string{all.substr(0, equals)}]
        = all.substr(std::min(equals + 1, all.size()));
    }
  options.clear();
  for (const auto& [name, text] : env)
    options.emplace_back(name + '=' + text);
}

void set_labels(object& body, const module_spec& spec,
                const container_rules& rules) {
  auto& labels = object_in(body, "Labels");
  for (const auto& [name, text] : rules.labels)
    labels[name] = text;
  labels[owner_label] = owner_name;
  labels[image_label] = spec.image;
}

void set_network(object& body, object& host, const container_rules& rules) {
  if (rules.network.empty())
    return;
  auto& networking = object_in(body, "NetworkingConfig");
  auto endpoints = take(networking, "EndpointsConfig");
  if (endpoints.is_null()) {
    object endpoint;
    append(endpoint, "Aliases", rules.aliases);
    if (rules.network != "host") {
      endpoints = object{{rules.network, std::move(endpoint)}};
    } else if (auto mode = take(host, "NetworkMode"); mode.is_null()) {
      endpoints = object{{"host", object{}}};
      host["NetworkMode"] = "host";
    } else {
      host["NetworkMode"] = std::move(mode);
    }
  }
  if (endpoints.is_null())
    body.erase("NetworkingConfig");
  else
    networking["EndpointsConfig"] = std::move(endpoints);
}

void drop_privileges(object& host) {
  if (!take(host, "Privileged").is_null())
    host["Privileged"] = false;
  take(host, "CapAdd");
  array dropped{"CHOWN", "SETUID"};
  for (const auto& one : array_in(host, "CapDrop"))
    if (std::find(dropped.begin(), dropped.end(), one) == dropped.end())
      dropped.push_back(one);
  host["CapDrop"] = std::move(dropped);
}

/// Every member has a plain name, and none is there twice.
void check_names(const field_reader& from) {
  for (auto one = from.all().begin(); one != from.all().end(); ++one) {
    const auto name = one->key();
    if (std::any_of(name.begin(), name.end(),
                    [](char c) { return c < ' ' || c > '~'; }))
      from.fail(name, "is no name that a container engine knows");
    if (std::any_of(from.all().begin(), one, [&](const auto& before) {
          return equal_without_case(before.key(), name);
        }))
      from.fail(name, "is there twice");
  }
}

/// The member when it is what it should be; null, with an error, when not.
template <class Test>
const value* check(const field_reader& from, std::string_view name, Test good,
                   const char* what) {
  const auto* found = from.find_any_case(name);
  if (!found || found->is_null())
    return nullptr;
  if (good(*found))
    return found;
  from.fail(name, std::string{"must be "} + what);
  return nullptr;
}

bool is_object(const value& one) { return one.is_object(); }

bool has_texts(const value& one) {
  const auto* all = one.if_array();
  return all && std::all_of(all->begin(), all->end(), [](const value& text) {
           return text.is_string();
         });
}

bool has_text_members(const value& one) {
  const auto* all = one.if_object();
  return all && std::all_of(all->begin(), all->end(), [](const auto& member) {
           return member.value().is_string();
         });
}

} // namespace

object create_body(const module_spec& spec,
                   const std::map<std::string, std::string>& env,
                   const container_rules& rules) {
  auto body = spec.create_options;
  // Taken out while `body` changes, for its address would.
  auto host = std::move(object_in(body, "HostConfig"));
  append(host, "Binds", rules.binds);
  append(host, "ExtraHosts", rules.hosts);
  set_network(body, host, rules);
  if (!rules.elevated)
    drop_privileges(host);
  if (host.empty())
    body.erase("HostConfig");
  else
    body["HostConfig"] = std::move(host);
  take(body, "Image");
  body["Image"] = spec.image;
  set_env(body, env);
  set_labels(body, spec, rules);
  return body;
}

void check_container_options(const field_reader& from) {
  constexpr auto texts = "an array of texts";
  check_names(from);
  check(from, "Env", has_texts, texts);
  check(from, "Labels", has_text_members, "an object of texts");
  if (const auto* found
      = check(from, "NetworkingConfig", is_object, "an object")) {
    const auto network = from.below("NetworkingConfig", found->get_object());
    check_names(network);
    check(network, "EndpointsConfig", is_object, "an object");
  }
  if (const auto* found = check(from, "HostConfig", is_object, "an object")) {
    const auto host = from.below("HostConfig", found->get_object());
    check_names(host);
    for (const auto* name : {"Binds", "CapAdd", "CapDrop", "ExtraHosts"})
      check(host, name, has_texts, texts);
  }
}

} // namespace tidegate::deployment
