#include "model/local_state.h"

#include <llama.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace atonce::model {
namespace {

constexpr std::size_t kMostFiles = 8;  // of 10 to 40 MB

// FNV-1a: a key that must be the same in the next run; collisions are found out by the tokens in
// the file.
std::uint64_t hash_of(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325U) {
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3U;
  }
  return hash;
}

std::string hexadecimal(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

std::string key_of(const std::filesystem::path& model) {
  std::error_code error;
  const auto size = std::filesystem::file_size(model, error);
  const auto time = std::filesystem::last_write_time(model, error).time_since_epoch().count();
  return model.filename().string() + " " + std::to_string(size) + " " + std::to_string(time) + " " +
         llama_print_system_info() + ATONCE_LLAMA_VERSION;
}

}  // namespace

StateFolder::StateFolder(std::filesystem::path folder, const std::filesystem::path& model)
    : folder_(std::move(folder)), model_key_(key_of(model)) {}

std::filesystem::path StateFolder::path_of(std::span<const Token> tokens) const {
  const std::string_view bytes(reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes());
  return folder_ / (hexadecimal(hash_of(bytes, hash_of(model_key_))) + ".state");
}

bool StateFolder::load(LocalRuntime& runtime, Sequence sequence,
                       std::span<const Token> tokens) const {
  if (folder_.empty()) return false;
  const std::filesystem::path path = path_of(tokens);
  if (!runtime.load(sequence, path, tokens)) return false;
  std::error_code
      error;  // its time says when it was last of use; a failure only makes it look older
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), error);
  return true;
}

void StateFolder::save(LocalRuntime& runtime, Sequence sequence) const {
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  // A full or read-only disk makes the next start slower, nothing else.
  if (runtime.save(sequence, path_of(runtime.held(sequence)))) forget_old();
}

void StateFolder::forget_old() const {
  std::error_code error;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() == ".state")
      files.emplace_back(entry.last_write_time(error), entry.path());
  }
  std::ranges::sort(files, std::greater{});
  for (std::size_t i = kMostFiles; i < files.size(); ++i)
    std::filesystem::remove(files[i].second, error);
}

}  // namespace atonce::model
