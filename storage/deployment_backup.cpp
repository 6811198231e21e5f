#include "storage/deployment_backup.hpp"

#include "messages/ec.hpp"
#include "storage/private_file.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>

namespace tidegate {

namespace {

namespace json = boost::json;

constexpr auto place = "deployment";

caf::error damaged(const std::filesystem::path& file, const char* why) {
  return caf::make_error(ec::store_damaged, "the last good deployment in "
                                              + file.string() + ' ' + why);
}

} // namespace

caf::error deployment_backup::keep(const content& what) {
  if (what == known_)
    return {};
  const auto sealed = key_->close(
    json::serialize(json::object{{"version", what.version},
                                 {"deploymentConfig", what.deployment}}),
    place);
  if (!sealed)
    return sealed.error();
  if (auto failed = write_private_file(file_.string(), *sealed))
    return failed;
  known_ = what;
  return {};
}

caf::expected<deployment_backup::content> deployment_backup::load() {
  std::ifstream in{file_, std::ios::binary};
  if (!in)
    return caf::make_error(ec::not_found,
                           "no deployment was kept in " + file_.string());
  const std::string sealed{std::istreambuf_iterator<char>{in}, {}};
  const auto text = key_->unseal(sealed, place);
  if (!text)
    return damaged(file_, "does not open");
  boost::system::error_code failed;
  const auto document = json::parse(*text, failed);
  const auto* object = failed ? nullptr : document.if_object();
  const auto* version = object ? object->if_contains("version") : nullptr;
  const auto* config
    = object ? object->if_contains("deploymentConfig") : nullptr;
  if (!version || !version->is_int64() || !config || !config->is_object())
    return damaged(file_, "is not well formed");
  known_ = {version->get_int64(), config->get_object()};
  return known_;
}

} // namespace tidegate
