#include "app/attachment.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "base/json.h"

namespace atonce::app {
namespace {

// What providers take in one request, encoded, is 20 MB at the least generous of them.
constexpr std::uintmax_t kMostBytes = 20'000'000;

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kMediaTypes{{
    {".png", "image/png"},   {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
    {".webp", "image/webp"}, {".gif", "image/gif"},  {".heic", "image/heic"},
    {".heif", "image/heif"}, {".bmp", "image/bmp"},  {".pdf", "application/pdf"},
    {".mp3", "audio/mp3"},   {".wav", "audio/wav"},  {".ogg", "audio/ogg"},
    {".flac", "audio/flac"}, {".aac", "audio/aac"},  {".aiff", "audio/aiff"},
    {".mp4", "video/mp4"},   {".mov", "video/mov"},  {".webm", "video/webm"},
    {".mpeg", "video/mpeg"}, {".mpg", "video/mpeg"},
}};

std::string_view media_type_of(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const auto* const at = std::ranges::find(kMediaTypes, std::string_view(extension),
                                           &decltype(kMediaTypes)::value_type::first);
  return at == kMediaTypes.end() ? std::string_view{} : at->second;
}

bool is_text(const std::string& bytes) {
  return !bytes.contains('\0') && json::to_valid_utf8(bytes) == bytes;
}

Result<std::string> read_whole(const std::filesystem::path& file) {
  std::error_code error;
  const std::string name = "`" + file.string() + "`";
  if (!std::filesystem::is_regular_file(file, error)) {
    return failure(ErrorCode::not_found, "there is no file " + name);
  }
  if (std::filesystem::file_size(file, error) > kMostBytes) {
    return failure(ErrorCode::bad_input, name + " is larger than the 20 MB that models take");
  }
  std::ifstream stream(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return failure(ErrorCode::bad_input, name + " cannot be read");
  return bytes;
}

}  // namespace

Result<void> attach(protocol::UserText& question, const std::filesystem::path& file) {
  const auto bytes = read_whole(file);
  if (!bytes) return std::unexpected(bytes.error());
  const std::string name = file.filename().string();
  if (const std::string_view type = media_type_of(file); !type.empty()) {
    question.files.push_back(
        {.name = name, .media_type = std::string(type), .data = to_base64(*bytes)});
    return {};
  }
  if (!is_text(*bytes)) {
    return failure(ErrorCode::bad_input,
                   "`" + file.string() + "` is neither text nor of a kind that models take",
                   "images, sound, films, PDF and any text in UTF-8 can be asked about");
  }
  question.text += (question.text.empty() ? "" : "\n\n") + ("File `" + name + "`:\n") + *bytes;
  return {};
}

}  // namespace atonce::app
