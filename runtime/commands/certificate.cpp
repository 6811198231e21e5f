#include "messages/error_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/net/certificates.hpp"
#include "storage/private_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

struct certificate_options {
  std::string folder;
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};
  int days = 365;
};

int fail(const std::string& what) {
  std::fprintf(stderr, "tidegate: %s\n", what.c_str());
  return 1;
}

std::string read(const fs::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The authority in `folder`, made when there is none yet, and anew with the
/// same key when it is not valid now.
caf::expected<key_pair> authority(const fs::path& folder, int days) {
  const std::chrono::days life{days};
  const auto present
    = fs::exists(folder / "ca.pem") && fs::exists(folder / "ca.key");
  key_pair ca;
  if (present) {
    ca = {read(folder / "ca.pem"), read(folder / "ca.key")};
    const auto fault
      = belong_together(ca) ? authority_fault(ca, this_second(), {}) : "";
    if (fault.empty())
      return ca;
    std::printf("%s is made anew, with the same key: %s\n",
                (folder / "ca.pem").c_str(), fault.c_str());
  }
  auto made = present ? prolong_ca(ca, life, this_second())
                      : make_ca("Tidegate local authority", life);
  if (!made)
    return made;
  if (auto failed = write_private_file(folder / "ca.key", made->key))
    return failed;
  if (auto failed = write_private_file(folder / "ca.pem", made->certificate))
    return failed;
  return made;
}

int make_certificates(const certificate_options& with) {
  const fs::path folder{with.folder};
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    return fail(with.folder + ": " + failed.message());
  const auto ca = authority(folder, with.days);
  if (!ca)
    return fail(error_text(ca.error()));
  certificate_request wish;
  wish.common_name = with.hosts.front();
  wish.hosts = with.hosts;
  wish.valid = std::chrono::days{with.days};
  const auto server = make_certificate(*ca, wish);
  if (!server)
    return fail(error_text(server.error()));
  for (const auto& [name, text] :
       {std::pair{"server.key", server->key},
        std::pair{"server.pem", server->certificate}})
    if (const auto error = write_private_file(folder / name, text))
      return fail(error_text(error));
  std::printf("%s\n  ca.pem, ca.key          the authority; clients trust "
              "ca.pem\n  server.pem, server.key  for tls.certificate and "
              "tls.key, valid %d days for",
              folder.c_str(), with.days);
  for (const auto& host : with.hosts)
    std::printf(" %s", host.c_str());
  std::printf("\n");
  return 0;
}

} // namespace

void add_certificate_command(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
    "certificate", "Make a local certificate authority, if there is none, "
                   "and a server certificate");
  auto with = std::make_shared<certificate_options>();
  command->add_option("folder", with->folder, "where to write the files")
    ->required();
  command->add_option("--host", with->hosts,
                      "names and addresses of the server");
  command->add_option("--days", with->days, "how long they are valid")
    ->check(CLI::Range(1, 36'500));
  command->callback([with, &code] { code = make_certificates(*with); });
}

} // namespace tidegate
