#include "model/local_state.h"

#include <llama.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace atonce::model {
namespace {

constexpr std::size_t kMostFiles = 8;                        // of 10 to 40 MB
constexpr std::uint64_t kMagic = 0x31'76'6B'65'63'6E'6F'74;  // the form of the file, version 1

struct Header {
  std::uint64_t magic;
  std::uint64_t checksum;  // of all that follows the header
  std::uint64_t token_count;
};

// FNV-1a over words, for it reads tens of megabytes: a key and a checksum against damage, not
// against forgery.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes,
                      std::uint64_t hash = 0xcbf29ce484222325U) {
  while (!bytes.empty()) {
    std::uint64_t word = bytes.size();  // so that the last, short word says how short it is
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    hash = std::rotl((hash ^ word) * 0x100000001b3U, 29);
    bytes = bytes.subspan(count);
  }
  return hash;
}

template <typename T>
std::span<const std::uint8_t> bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

std::span<const char> characters_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool write_file(const std::filesystem::path& path, std::span<const std::uint8_t> tokens,
                std::span<const std::uint8_t> state) {
  const Header header{.magic = kMagic,
                      .checksum = hash_of(state, hash_of(tokens)),
                      .token_count = tokens.size() / sizeof(Token)};
  std::ofstream file(path, std::ios::binary);
  for (const auto part : {bytes_of(std::span(&header, 1)), tokens, state}) {
    const auto text = characters_of(part);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  file.close();
  return file.good();
}

// The state in the file, if it is whole and belongs to `tokens`.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::span<const std::uint8_t> tokens) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  const std::size_t least = sizeof(Header) + tokens.size();
  if (!file || size < static_cast<std::streamoff>(least)) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::span<const std::uint8_t> found =
      std::span(bytes).subspan(sizeof header, tokens.size());
  const std::span<const std::uint8_t> state = std::span(bytes).subspan(least);
  const bool is_ours =
      file && header.magic == kMagic && header.token_count == tokens.size() / sizeof(Token) &&
      std::ranges::equal(found, tokens) && header.checksum == hash_of(state, hash_of(found));
  return is_ours ? std::vector(state.begin(), state.end()) : std::vector<std::uint8_t>{};
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
  const std::span<const char> key(model_key_);
  return folder_ / (hexadecimal(hash_of(bytes_of(tokens), hash_of(bytes_of(key)))) + ".state");
}

bool StateFolder::load(LocalRuntime& runtime, Sequence sequence,
                       std::span<const Token> tokens) const {
  if (folder_.empty()) return false;
  const std::filesystem::path path = path_of(tokens);
  const std::vector<std::uint8_t> state = read_file(path, bytes_of(tokens));
  if (state.empty() || !runtime.restore(sequence, state, tokens)) return false;
  // Its time says when it was last of use; a failure only makes it look older.
  std::error_code error;
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), error);
  return true;
}

// A full or read-only disk makes the next start slower, nothing else.
void StateFolder::save(LocalRuntime& runtime, Sequence sequence) const {
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::span<const Token> tokens = runtime.held(sequence);
  const std::filesystem::path path = path_of(tokens);
  // Under a name of this process until it is whole; if the process is killed meanwhile, the file
  // is deleted as one of the old ones some day.
  std::filesystem::path part = path;
  part += "." + std::to_string(getpid());
  if (write_file(part, bytes_of(tokens), runtime.state(sequence))) {
    std::filesystem::rename(part, path, error);
    forget_old();
  } else {
    std::filesystem::remove(part, error);
  }
}

void StateFolder::forget_old() const {
  std::error_code error;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().filename().string().contains(".state")) {
      files.emplace_back(entry.last_write_time(error), entry.path());
    }
  }
  std::ranges::sort(files, std::greater{});
  for (std::size_t i = kMostFiles; i < files.size(); ++i)
    std::filesystem::remove(files[i].second, error);
}

}  // namespace atonce::model
