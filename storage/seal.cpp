#include "storage/seal.hpp"

#include "messages/ec.hpp"
#include "storage/private_file.hpp"

#include <array>
#include <fstream>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sstream>
#include <sys/stat.h>

namespace tidegate {

namespace {

// version | nonce | tag | text
constexpr char version = 1;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t head_size = 1 + nonce_size + tag_size;

struct free_cipher {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using cipher_ptr = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

caf::error failed(const char* what) {
  return caf::make_error(ec::store_failed, what);
}

caf::error damaged(const char* what) {
  return caf::make_error(ec::store_damaged, what);
}

caf::error unusable(const std::filesystem::path& path,
                    const std::string& what) {
  return caf::make_error(ec::bad_argument,
                         "the key file " + path.string() + ' ' + what);
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(bytes_of(bytes, 0), static_cast<int>(count)) != 1)
    return {};
  return bytes;
}

caf::expected<std::string> make_key(const std::filesystem::path& path) {
  auto key = random_bytes(seal::key_size);
  if (key.empty())
    return failed("there are no random numbers for a key");
  if (auto error = write_private_file(path.string(), key))
    return error;
  return key;
}

} // namespace

caf::expected<std::shared_ptr<const seal>>
seal::open(const std::filesystem::path& path, bool may_make) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (!may_make)
      return unusable(path, "is missing");
    auto made = make_key(path);
    if (!made)
      return made.error();
    return std::make_shared<const seal>(std::move(*made));
  }
  if ((found.st_mode & 077) != 0)
    return unusable(path, "can be read by others; its mode must be 0600");
  std::ifstream in{path, std::ios::binary};
  std::stringstream text;
  text << in.rdbuf();
  auto key = std::move(text).str();
  if (!in || key.size() != key_size)
    return unusable(path, "does not hold a key of 32 bytes");
  return std::make_shared<const seal>(std::move(key));
}

seal::~seal() { OPENSSL_cleanse(key_.data(), key_.size()); }

caf::expected<std::string> seal::close(std::string_view text,
                                       std::string_view place) const {
  const auto nonce = random_bytes(nonce_size);
  if (nonce.empty())
    return failed("there are no random numbers to seal with");
  std::string sealed(head_size + text.size(), '\0');
  sealed[0] = version;
  sealed.replace(1, nonce_size, nonce);
  const cipher_ptr cipher{EVP_CIPHER_CTX_new()};
  int size = 0;
  const bool good
    = EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         bytes_of(key_), bytes_of(nonce))
        == 1
      && EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(place),
                           size_of(place))
           == 1
      && EVP_EncryptUpdate(cipher.get(), bytes_of(sealed, head_size), &size,
                           bytes_of(text), size_of(text))
           == 1
      && EVP_EncryptFinal_ex(cipher.get(), bytes_of(sealed, head_size) + size,
                             &size)
           == 1
      && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                             bytes_of(sealed, 1 + nonce_size))
           == 1;
  if (!good)
    return failed("a record cannot be sealed");
  return sealed;
}

caf::expected<std::string> seal::unseal(std::string_view sealed,
                                        std::string_view place) const {
  if (sealed.size() < head_size || sealed[0] != version)
    return damaged("a sealed record is not one");
  const auto nonce = sealed.substr(1, nonce_size);
  std::string tag{sealed.substr(1 + nonce_size, tag_size)};
  const auto body = sealed.substr(head_size);
  std::string text(body.size(), '\0');
  const cipher_ptr cipher{EVP_CIPHER_CTX_new()};
  std::array<unsigned char, EVP_MAX_BLOCK_LENGTH> rest{};
  int size = 0;
  const bool good
    = EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                         bytes_of(key_), bytes_of(nonce))
        == 1
      && EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(place),
                           size_of(place))
           == 1
      && EVP_DecryptUpdate(cipher.get(), bytes_of(text, 0), &size,
                           bytes_of(body), size_of(body))
           == 1
      && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size,
                             tag.data())
           == 1
      && EVP_DecryptFinal_ex(cipher.get(), rest.data(), &size) == 1;
  if (!good)
    return damaged("a sealed record does not open: it was sealed with another "
                   "key, or is damaged");
  return text;
}

} // namespace tidegate
