#include "runtime/engines/artifacts/artifact_store.hpp"

#include "actors/log.hpp"
#include "messages/deployment/artifact.hpp"
#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "runtime/engines/artifacts/download_file.hpp"
#include "runtime/engines/artifacts/file_digest.hpp"
#include "runtime/engines/artifacts/unpack.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/http/client.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/url/parse.hpp>

namespace tidegate {

namespace {

namespace fs = std::filesystem;
using deployment::artifact_reference;
using deployment::module_spec;
using kind = artifact_reference::kind;

constexpr auto default_program = "run";
constexpr auto download_name = ".download";
constexpr std::chrono::minutes download_time{10};
constexpr std::chrono::minutes longest_silence{1};
constexpr unsigned most_redirects = 3;
constexpr std::array<const char*, 7> endings{
  ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".zip"};

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

bool is_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed);
}

artifact folder_artifact(const fs::path& folder, std::string digest,
                         bool kept) {
  return {folder, folder / default_program, std::move(digest), kept, {}};
}

artifact missing(std::string problem) {
  return {{}, {}, {}, false, std::move(problem)};
}

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307
         || status == 308;
}

} // namespace

std::string digest_problem(const std::string& image, const std::string& wanted,
                           const std::string& digest) {
  const auto expected = deployment::digest_hex(wanted);
  if (wanted.empty() || (expected && *expected == digest))
    return {};
  if (digest.empty())
    return image + " cannot be read, to be compared with settings.digest";
  return image + " is sha256:" + digest + ", but settings.digest is " + wanted;
}

artifact_store::artifact_store(boost::asio::io_context& context,
                               artifact_options options)
  : context_{context}, options_{std::move(options)},
    uses_{
      decode_artifact_uses(read_file(options_.folder / "uses").value_or(""))} {
  // What an earlier gateway did not come to the end of.
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{options_.folder, failed})
    if (entry.path().filename().string().starts_with('.'))
      fs::remove_all(entry.path(), failed);
}

artifact_store::~artifact_store() {
  pool_.stop();
  scale_.stop();
  pool_.join();
  scale_.join();
}

void artifact_store::weigh(const fs::path& what,
                           std::function<void(std::string)> done) {
  boost::asio::post(scale_, [what, done = std::move(done)] {
    done(is_folder(what) ? folder_digest(what) : file_digest(what));
  });
}

artifact artifact_store::find_program(const std::string& name) const {
  const fs::path path
    = name.starts_with('/') ? fs::path{name} : options_.programs / name;
  if (is_folder(path))
    return folder_artifact(path, folder_digest(path), false);
  return {{}, path, file_digest(path), false, {}};
}

artifact artifact_store::find_kept(const std::string& digest) const {
  const auto folder = options_.folder / digest;
  if (digest.empty() || !is_folder(folder))
    return missing("it is not in the store of artifacts");
  return folder_artifact(folder, digest, true);
}

artifact artifact_store::find(const module_spec& spec) const {
  const auto reference = deployment::parse_artifact(spec.image);
  artifact found;
  if (reference.what == kind::program) {
    found = find_program(reference.name);
  } else if (const auto folder
             = options_.programs / reference.name / reference.version;
             reference.what == kind::stored && is_folder(folder)) {
    found = folder_artifact(folder, folder_digest(folder), false);
  } else {
    auto digest = deployment::digest_hex(spec.digest).value_or("");
    if (digest.empty()) {
      const std::lock_guard guard{mutex_};
      digest = digest_of(uses_, spec.image);
    }
    found = find_kept(digest);
  }
  if (found.problem.empty())
    found.problem = digest_problem(spec.image, spec.digest, found.digest);
  else
    found.problem = spec.image + ": " + found.problem;
  return found;
}

fs::path artifact_store::archive_of(const artifact_reference& reference) const {
  if (reference.what == kind::file)
    return reference.name;
  std::error_code failed;
  for (const auto* ending : endings)
    if (const auto path = options_.programs
                          / (reference.name + '-' + reference.version + ending);
        fs::is_regular_file(path, failed))
      return path;
  return {};
}

void artifact_store::fetch(
  const module_spec& spec,
  const std::optional<deployment::registry_credential>& credential,
  callback done) {
  const auto reference = deployment::parse_artifact(spec.image);
  if (reference.what == kind::web) {
    const auto here = find(spec);
    if (here.problem.empty() && (!spec.pull || !spec.digest.empty())) {
      note(here.digest);
      return done({});
    }
    if (!spec.pull)
      return done(here.problem + ", and imagePullPolicy is never");
    std::string authorization;
    if (credential && spec.image.starts_with("https:"))
      authorization
        = "Basic "
          + base64_encode(credential->user + ':' + credential->password);
    return downloads_.add([this, spec, authorization, done = std::move(done)] {
      download(spec, spec.image, authorization, 0,
               [this, done](std::string problem) {
                 done(std::move(problem));
                 downloads_.done();
               });
    });
  }
  boost::asio::post(pool_, [this, spec, reference, done = std::move(done)] {
    const auto archive = archive_of(reference);
    const auto in_place = reference.what == kind::program
                          || (reference.what == kind::stored
                              && is_folder(options_.programs / reference.name
                                           / reference.version));
    if (in_place || !spec.pull)
      return done(find(spec).problem);
    if (archive.empty())
      return done("there is no " + spec.image + " in "
                  + options_.programs.string());
    done(install_copy(spec, archive));
  });
}

/// From a copy that nobody else can change: what is compared with the digest is
/// what is unpacked.
std::string artifact_store::install_copy(const module_spec& spec,
                                         const fs::path& archive) {
  std::error_code failed;
  fs::create_directories(options_.folder, failed);
  const auto own = options_.folder / ".copy";
  fs::copy_file(archive, own, fs::copy_options::overwrite_existing, failed);
  auto problem = failed
                   ? "copying " + archive.string() + ": " + failed.message()
                   : install(spec, own);
  fs::remove(own, failed);
  return problem;
}

/// `own` is a file of the store.
std::string artifact_store::install(const module_spec& spec,
                                    const fs::path& own) {
  const auto digest = file_digest(own);
  if (digest.empty())
    return own.string() + " cannot be read";
  if (auto problem = digest_problem(spec.image, spec.digest, digest);
      !problem.empty())
    return problem;
  const auto place = options_.folder / digest;
  if (!is_folder(place)) {
    const auto draft = options_.folder / ('.' + digest);
    std::error_code failed;
    fs::remove_all(draft, failed);
    auto problem = unpack(own, draft);
    if (problem.empty()) {
      fs::rename(draft, place, failed);
      if (failed)
        problem = failed.message();
    }
    if (!problem.empty()) {
      fs::remove_all(draft, failed);
      return spec.image + ": " + problem;
    }
  }
  const std::lock_guard guard{mutex_};
  note_use(uses_, digest, spec.image, now());
  return save_locked();
}

void artifact_store::downloaded(const module_spec& spec, callback done) {
  boost::asio::post(pool_, [this, spec, done = std::move(done)] {
    const auto file = options_.folder / download_name;
    auto problem = install(spec, file);
    std::error_code ignored;
    fs::remove(file, ignored);
    done(std::move(problem));
  });
}

/// Into a file, as it comes: one that is as large as is allowed costs no more
/// memory than a small one.
void artifact_store::download(const module_spec& spec, const std::string& url,
                              const std::string& authorization, unsigned hops,
                              callback done) {
  const auto parts = boost::urls::parse_uri(url);
  const auto plain = parts && parts->scheme() == "http";
  if (!parts || (!plain && parts->scheme() != "https")
      || (plain && spec.digest.empty()))
    return done(spec.image + " leads to " + url);
  http::endpoint server;
  server.host = parts->host_address();
  server.port = parts->has_port()
                  ? parts->port_number()
                  : static_cast<std::uint16_t>(plain ? 80 : 443);
  if (!plain) {
    const std::lock_guard guard{tls_mutex_};
    if (!tls_) {
      auto opened = tls_client::open({options_.ca_file, {}, {}});
      if (!opened)
        return done(spec.image + ": " + error_text(opened.error()));
      tls_ = *opened;
    }
    server.tls = tls_;
  }
  http::call what;
  what.target = std::string{parts->encoded_target()};
  if (!authorization.empty())
    what.headers.emplace_back("Authorization", authorization);
  what.timeout = what.most_silence = longest_silence;
  std::error_code failed;
  fs::create_directories(options_.folder, failed);
  const auto into = std::make_shared<download_file>(
    options_.folder / download_name, options_.largest_download, download_time);
  http::follow(
    context_, server, what,
    [into](std::string_view piece) { return into->take(piece); },
    [this, spec, hops, into, done = std::move(done)](http::result result) {
      if (!result)
        return done(spec.image + ": " + error_text(result.error()));
      const auto to = http::find_header(result->headers, "Location");
      // Where it leads to is somebody else, who gets no password.
      if (is_redirect(result->status) && to && hops < most_redirects)
        return download(spec, std::string{*to}, {}, hops + 1, done);
      constexpr unsigned good = 200;
      if (result->status != good)
        return done(spec.image + ": the server answered "
                    + std::to_string(result->status));
      if (auto problem = into->finish(); !problem.empty())
        return done(spec.image + ": " + problem);
      downloaded(spec, done);
    });
}

void artifact_store::note(const std::string& digest) {
  const std::lock_guard guard{mutex_};
  const auto known = uses_.find(digest);
  if (known == uses_.end())
    return;
  known->second.last = now();
  save_locked();
}

std::string artifact_store::save_locked() {
  auto problem = write_durably(options_.folder / "uses", encode(uses_));
  if (!problem.empty())
    log::error("modules", "the use of artifacts cannot be written",
               {{"why", problem}});
  return problem;
}

void artifact_store::collect(std::set<std::string> in_use) {
  boost::asio::post(pool_, [this, in_use = std::move(in_use)] {
    std::vector<std::string> old;
    {
      const std::lock_guard guard{mutex_};
      if (uses_.empty())
        return;
      for (const auto& digest : in_use)
        if (const auto known = uses_.find(digest); known != uses_.end())
          known->second.last = now();
      old = unused(uses_, in_use, now(), options_.age);
      for (const auto& digest : old)
        uses_.erase(digest);
      save_locked();
    }
    for (const auto& digest : old) {
      std::error_code failed;
      fs::remove_all(options_.folder / digest, failed);
      log::info("modules", "an artifact that no module uses is removed",
                {{"sha256", digest}, {"why", failed.message()}});
    }
  });
}

} // namespace tidegate
