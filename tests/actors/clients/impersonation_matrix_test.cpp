// Every credential there is, tried in every place where an id is claimed. What
// it entitles to is said here once more, in other words than the node's.

#include "impersonation_fixture.hpp"

using namespace impersonation;

namespace {

const std::vector<std::string> everybody{
  "edge",  "edge/$edgeHub",  "edge/m", "edge/n", "edge2", "edge2/$edgeHub",
  "inner", "inner/$edgeHub", "leaf",   "leaf-2", "other", "plain"};

std::string device_of(const std::string& id) {
  return id.substr(0, id.find('/'));
}

/// Who is behind whom: `world` says so.
bool stands_behind(const std::string& device, const std::string& edge) {
  static const std::map<std::string, std::string> parents{{"inner", "edge"},
                                                          {"leaf", "edge"},
                                                          {"leaf-2", "edge"},
                                                          {"other", "edge2"}};
  if (device == edge)
    return true;
  const auto parent = parents.find(device);
  return parent != parents.end() && stands_behind(parent->second, edge);
}

/// A token for a device is good for its modules too, and a module may use the
/// key of its device (edge-hub spec 3.2, 3.4).
bool is_token_of(const std::string& id, const attempt& tried) {
  return (tried.audience == id || tried.audience == device_of(id))
         && (tried.signer == id || tried.signer == device_of(id));
}

/// The edge hub that a chain says acts for others; empty: nobody does.
std::string actor_of(const attempt& tried) {
  const auto end = tried.chain.rfind(';');
  return end == std::string::npos ? ""
                                  : tried.chain.substr(end + 1) + "/$edgeHub";
}

bool may(const attempt& tried) {
  const auto actor = actor_of(tried);
  if (actor.empty())
    return is_token_of(tried.as, tried);
  const auto edge = device_of(actor);
  return tried.chain == tried.as + ';' + edge && is_token_of(actor, tried)
         && (edge == "edge" || edge == "edge2" || edge == "inner")
         && stands_behind(device_of(tried.as), edge);
}

/// On an AMQP connection a token is known by the very id that it is for.
bool is_found(const attempt& tried) {
  return tried.audience == tried.as || tried.audience == actor_of(tried);
}

/// Tokens of all audiences, signed by who may and who may not, alone and on
/// behalf of everybody.
std::vector<attempt> all_attempts() {
  std::vector<attempt> all;
  for (const auto& as : everybody)
    for (const auto& audience : everybody)
      for (const auto& signer :
           std::set<std::string>{audience, device_of(audience), as, "other"})
        for (const auto& chain : std::set<std::string>{
               "", as, as + ";edge", as + ";edge2", as + ";plain", "leaf;edge"})
          all.push_back({"", as, audience, signer, chain});
  return all;
}

std::string text_of(const attempt& tried) {
  return tried.as + " with a token for " + tried.audience + ", signed by "
         + tried.signer + ", chain `" + tried.chain + '`';
}

struct matrix : world {
  void hang_up() {
    for (const auto& session : sessions)
      caf::anon_send_exit(session, caf::exit_reason::kill);
    sessions.clear();
    wires.clear();
    run();
  }

  bool enters_by_mqtt(const attempt& tried,
                      const std::string& certificate = {}) {
    const auto wire = mqtt(tried, certificate);
    const auto entered = wire->take_written() == "\x20\x02\0\0"s;
    CHECK(entered == speaks(tried.as));
    hang_up();
    return entered;
  }

  bool enters_by_amqp(const attempt& tried,
                      const std::string& certificate = {}) {
    const auto wire = open(
      [this](const auto& w) {
        return sys.spawn(amqp_session, share(judged()), w);
      },
      certificate);
    bool entered = false;
    {
      amqp_client client{*this, wire, anonymous()};
      client.open();
      if (const auto token = token_of(tried); !token.empty())
        CHECK(client.put_token(token) == 200);
      entered = client.is_open(
        client.attach_sender(address_of(tried.as), tried.chain));
      CHECK(entered == speaks(tried.as));
    }
    hang_up();
    return entered;
  }
};

} // namespace

TEST_CASE_METHOD(matrix, "a token lets in whom it is for, and nobody else",
                 "[impersonation]") {
  std::size_t good = 0;
  for (const auto& tried : all_attempts()) {
    INFO(text_of(tried));
    const auto expected = may(tried);
    good += expected ? 1 : 0;
    CHECK(enters_by_mqtt(tried) == expected);
    CHECK(enters_by_amqp(tried) == (expected && is_found(tried)));
  }
  CHECK(good > everybody.size()); // each by its own, and some by others
}

TEST_CASE_METHOD(matrix, "a certificate lets in its device, and nobody else",
                 "[impersonation][x509]") {
  const test_certificate shown{{"leaf"}};
  auto& leaf = known["leaf"];
  leaf.credential = credential_kind::thumbprint;
  leaf.primary_thumbprint = read_client_certificate(shown.pem())->sha256;
  for (const auto& as : everybody)
    for (const auto& chain :
         std::set<std::string>{"", as, as + ";edge", "leaf;" + as}) {
      const attempt tried{"", as, "", "", chain};
      INFO(as << ", chain `" << chain << '`');
      const auto expected
        = as == "leaf" && chain.find(';') == std::string::npos;
      CHECK(enters_by_mqtt(tried, shown.pem()) == expected);
      CHECK(enters_by_amqp(tried, shown.pem()) == expected);
    }
}
