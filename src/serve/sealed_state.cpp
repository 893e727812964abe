#include "serve/sealed_state.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "base/base64.h"
#include "base/result.h"

namespace atonce::serve {
namespace {

constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct DropCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, DropCipher>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

Seal::Seal() {
  const int made = RAND_bytes(key_.data(), static_cast<int>(key_.size()));
  ATONCE_CHECK(made == 1, "the system has random bytes");
}

std::string Seal::close(std::string_view text, std::string_view bound_to) const {
  std::string nonce(kNonceBytes, '\0');
  std::string coded(text.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool is_done =
      cipher && RAND_bytes(bytes_of(nonce), size_of(nonce)) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes_of(bound_to), size_of(bound_to)) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(coded), &written, bytes_of(text), size_of(text)) ==
          1 &&
      EVP_EncryptFinal_ex(cipher.get(), nullptr, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  ATONCE_CHECK(is_done, "AES-256-GCM encrypts");
  return std::string(kVersion) + to_base64(nonce + tag + coded);
}

std::optional<std::string> Seal::open(std::string_view sealed, std::string_view bound_to) const {
  if (!sealed.starts_with(kVersion)) return std::nullopt;
  const auto bytes = from_base64(sealed.substr(kVersion.size()));
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view nonce = std::string_view(*bytes).substr(0, kNonceBytes);
  std::string tag = bytes->substr(kNonceBytes, kTagBytes);
  const std::string_view coded = std::string_view(*bytes).substr(kNonceBytes + kTagBytes);
  std::string text(coded.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  unsigned char rest[1];
  const bool is_ours =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes_of(bound_to), size_of(bound_to)) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(text), &written, bytes_of(coded), size_of(coded)) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), rest, &written) == 1;
  if (!is_ours) return std::nullopt;
  return text;
}

}  // namespace atonce::serve
