#include "serve/callers.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/text.h"

namespace atonce::serve {
namespace {

// Looked up by digest, so that the time it takes says nothing about the token.
std::string digest_of(std::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

Result<std::map<std::string, std::string>> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) {
    return failure(ErrorCode::not_found, "cannot read the tokens `" + file.string() + "`",
                   "give --token-file a file with a line `NAME TOKEN` for each caller");
  }
  std::map<std::string, std::string> owners;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.starts_with('#')) continue;
    std::istringstream words{std::string(text)};
    std::string name;
    std::string token;
    std::string more;
    words >> name >> token >> more;
    if (token.empty() || !more.empty()) {
      return failure(ErrorCode::bad_input,
                     file.string() + ":" + std::to_string(number) + " is no `NAME TOKEN`",
                     "write one name and one token, with a blank in between");
    }
    owners[digest_of(token)] = name;
  }
  return owners;
}

}  // namespace

Result<std::unique_ptr<Tokens>> Tokens::read(const std::filesystem::path& file) {
  std::unique_ptr<Tokens> tokens(new Tokens(file));
  if (auto done = tokens->reload(); !done) return std::unexpected(done.error());
  return tokens;
}

Result<void> Tokens::reload() {
  auto owners = read_file(file_);
  if (!owners) return std::unexpected(owners.error());
  const std::lock_guard lock(mutex_);
  owners_ = std::make_shared<const ByDigest>(*std::move(owners));
  return {};
}

std::optional<std::string> Tokens::owner_of(std::string_view token) const {
  std::shared_ptr<const ByDigest> owners;
  {
    const std::lock_guard lock(mutex_);
    owners = owners_;
  }
  const auto found = owners->find(digest_of(token));
  if (found == owners->end()) return std::nullopt;
  return found->second;
}

std::optional<std::chrono::milliseconds> RateLimit::take(const std::string& caller) {
  const Time now = clock_.now();
  const double most = std::max(1.0, 2 * per_second_);
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMostCallers) {  // who has been away for long has a full one anyway
    std::erase_if(buckets_, [&](const auto& each) {
      return to_seconds(now - each.second.when) * per_second_ >= most;
    });
  }
  Bucket& bucket = buckets_.try_emplace(caller, Bucket{most, now}).first->second;
  bucket.filled = std::min(most, bucket.filled + to_seconds(now - bucket.when) * per_second_);
  bucket.when = now;
  if (bucket.filled >= 1) {
    bucket.filled -= 1;
    return std::nullopt;
  }
  const double wait = (1 - bucket.filled) / per_second_;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(wait * 1000)));
}

}  // namespace atonce::serve
