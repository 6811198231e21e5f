#include "runtime/net/own_certificate.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "runtime/engines/durable_file.hpp"
#include "storage/private_file.hpp"

#include <sys/stat.h>

namespace tidegate {

namespace {

constexpr std::chrono::days server_life{90};
constexpr std::chrono::days server_margin{30};
constexpr std::chrono::days ca_life{20 * 365};
constexpr std::chrono::days ca_margin{4 * 365};

key_pair read_pair(const std::filesystem::path& certificate,
                   const std::filesystem::path& key) {
  return {read_file(certificate).value_or(""), read_file(key).value_or("")};
}

/// The key goes first: a certificate without its key would look whole.
caf::error write_pair(const key_pair& pair,
                      const std::filesystem::path& certificate,
                      const std::filesystem::path& key) {
  if (auto failed = write_private_file(key.string(), pair.key))
    return failed;
  return write_private_file(certificate.string(), pair.certificate);
}

/// Keeps what cannot be used, for a person to look at.
void set_aside(const std::filesystem::path& file) {
  auto aside = file;
  aside += ".damaged";
  std::error_code ignored;
  std::filesystem::rename(file, aside, ignored);
}

/// The text of names that certificates can hold.
std::string common_name_of(const std::vector<std::string>& hosts) {
  return hosts.empty() ? "tidegate" : hosts.front().substr(0, 64);
}

} // namespace

own_certificate::own_certificate(settings with) : with_{std::move(with)} {}

std::filesystem::path own_certificate::certificate() const {
  return with_.folder / "server.pem";
}

std::filesystem::path own_certificate::key() const {
  return with_.folder / "server.key";
}

std::filesystem::path own_certificate::ca_certificate() const {
  return with_.ca_certificate.empty() ? with_.folder / "ca.pem"
                                      : with_.ca_certificate;
}

caf::expected<key_pair>
own_certificate::authority(std::chrono::sys_seconds now) const {
  if (!with_.ca_certificate.empty())
    return read_pair(with_.ca_certificate, with_.ca_key);
  const auto key = with_.folder / "ca.key";
  const auto present = read_pair(ca_certificate(), key);
  const bool whole = belong_together(present);
  const auto fault
    = whole ? authority_fault(present, now, ca_margin) : std::string{};
  if (whole && fault.empty())
    return present;
  if (!whole && !(present.certificate.empty() && present.key.empty())) {
    log::error("certificate",
               "this node's authority cannot be read: it is set aside, and who "
               "trusts it has to trust the new one",
               {{"file", (with_.folder / "ca.*.damaged").string()}});
    set_aside(ca_certificate());
    set_aside(key);
  }
  auto made
    = whole ? prolong_ca(present, ca_life, now)
            : make_ca("Tidegate " + common_name_of(with_.hosts).substr(0, 50),
                      ca_life, now);
  if (!made)
    return made;
  if (auto failed = write_pair(*made, ca_certificate(), key))
    return failed;
  // Clients need it; nobody else may change it.
  ::chmod(ca_certificate().c_str(), 0644);
  if (whole)
    log::warning("certificate",
                 "this node's authority was made anew, with the same key",
                 {{"file", ca_certificate().string()}, {"because", fault}});
  else
    log::info("certificate", "this node has a new certificate authority",
              {{"file", ca_certificate().string()}});
  return made;
}

caf::expected<key_pair>
own_certificate::issue(const certificate_request& wish) const {
  const auto ca = authority(wish.at);
  return ca ? make_certificate(*ca, wish) : ca;
}

caf::expected<bool> own_certificate::keep(std::chrono::sys_seconds now) {
  std::error_code failed;
  std::filesystem::create_directories(with_.folder, failed);
  if (failed)
    return caf::make_error(ec::io_failed,
                           with_.folder.string()
                             + " cannot be made: " + failed.message());
  std::filesystem::permissions(with_.folder, std::filesystem::perms::owner_all,
                               failed);
  const auto ca = authority(now);
  if (!ca)
    return ca.error();
  const auto fault = server_certificate_fault(
    read_pair(certificate(), key()), *ca, with_.hosts, now, server_margin);
  if (fault.empty())
    return false;
  // One that somebody else made can only be complained about.
  if (const auto why = authority_fault(*ca, now, {}); !why.empty())
    log::error("certificate",
               "the authority that issues this node's certificate is of no use",
               {{"file", ca_certificate().string()}, {"because", why}});
  certificate_request wish;
  wish.common_name = common_name_of(with_.hosts);
  wish.hosts = with_.hosts;
  wish.valid = server_life;
  wish.at = now;
  const auto made = make_certificate(*ca, wish);
  if (!made)
    return made.error();
  if (auto error = write_pair(*made, certificate(), key()))
    return error;
  log::info("certificate", "a new server certificate was issued",
            {{"file", certificate().string()}, {"because", fault}});
  return true;
}

} // namespace tidegate
