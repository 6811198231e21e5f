#pragma once

#include "runtime/net/certificates.hpp"
#include "runtime/net/tls_context.hpp"
#include "storage/private_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <unistd.h>

/// A folder with a CA and certificates for loopback, gone with the test.
class scratch_certificates {
public:
  scratch_certificates()
    : folder_{std::filesystem::temp_directory_path()
              / ("tidegate-certificates-" + std::to_string(::getpid()))} {
    std::filesystem::create_directories(folder_);
    const auto made = tidegate::make_ca("test CA", std::chrono::days{1});
    REQUIRE(made);
    ca = *made;
    write("ca", ca);
    issue("server", {"server", {"localhost", "127.0.0.1"}});
  }
  ~scratch_certificates() { std::filesystem::remove_all(folder_); }
  scratch_certificates(const scratch_certificates&) = delete;
  scratch_certificates& operator=(const scratch_certificates&) = delete;

  std::string certificate(const std::string& name) const {
    return (folder_ / (name + ".pem")).string();
  }
  std::string key(const std::string& name) const {
    return (folder_ / (name + ".key")).string();
  }

  tidegate::key_pair issue(const std::string& name,
                           const tidegate::certificate_request& request) {
    const auto made = tidegate::make_certificate(ca, request);
    REQUIRE(made);
    write(name, *made);
    return *made;
  }

  tidegate::tls_server_options server_options() const {
    return {certificate("server"), key("server")};
  }

  std::shared_ptr<tidegate::tls_server> server() const {
    const auto opened = tidegate::tls_server::open(server_options());
    REQUIRE(opened);
    return *opened;
  }

  std::shared_ptr<tidegate::tls_client> client(const std::string& name
                                               = {}) const {
    tidegate::tls_client_options options;
    options.ca_file = certificate("ca");
    if (!name.empty()) {
      options.certificate_file = certificate(name);
      options.key_file = key(name);
    }
    const auto opened = tidegate::tls_client::open(options);
    REQUIRE(opened);
    return *opened;
  }

  tidegate::key_pair ca;

private:
  void write(const std::string& name, const tidegate::key_pair& pair) {
    REQUIRE_FALSE(
      tidegate::write_private_file(certificate(name), pair.certificate));
    REQUIRE_FALSE(tidegate::write_private_file(key(name), pair.key));
  }

  std::filesystem::path folder_;
};
