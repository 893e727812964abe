#include "protocol/gemini_media.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"

namespace atonce::protocol::gemini {
namespace {

using json::Kind;
using json::View;

bool is_base64(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  const auto padding = std::ranges::find_if_not(text, is_digit);
  return !text.empty() && text.size() % 4 == 0 && text.end() - padding <= 2 &&
         std::all_of(padding, text.end(), [](char c) { return c == '='; });
}

// Copies a result, taking the images out.
class Extraction {
 public:
  void copy(const View& value) {
    if (copy_image(value)) return;
    if (value.is(Kind::array)) {
      writer_.begin_array();
      for (const View& item : value.items()) copy(item);
      writer_.end_array();
    } else if (value.is(Kind::object)) {
      writer_.begin_object();
      for (const auto& [key, member] : value.members()) {
        writer_.key(key);
        copy(member);
      }
      writer_.end_object();
    } else {
      writer_.raw(value.raw());
    }
  }

  ResultWithMedia take() { return {writer_.take(), std::move(media_)}; }

 private:
  bool copy_image(const View& value) {
    if (value.members().size() != 2) return false;
    const auto type = value.find("media_type");
    const auto data = value.find("data");
    const auto type_text = type ? type->as_string() : std::nullopt;
    const auto data_text = data ? data->as_string() : std::nullopt;
    if (!type_text || !data_text) return false;
    if (!type_text->starts_with("image/") || !is_base64(*data_text)) return false;
    const std::string name = "image_" + std::to_string(media_.size() + 1);
    media_.push_back({name, std::string(*type_text), std::string(*data_text)});
    writer_.begin_object().key("$ref").string(name).end_object();
    return true;
  }

  json::Writer writer_;
  std::vector<Media> media_;
};

}  // namespace

bool takes_media_results(std::string_view model) {
  const auto at = model.rfind("gemini-");
  if (at == std::string_view::npos) return false;
  const std::string_view version = model.substr(at + std::string_view("gemini-").size());
  int number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  return error == std::errc{} ? number >= 3 : version.ends_with("-latest");
}

ResultWithMedia extract_media(std::string_view result) {
  // Most results have none, and need not be parsed to know it.
  if (!result.contains("media_type")) return {std::string(result), {}};
  const auto document = json::Document::parse(result);
  if (!document) return {std::string(result), {}};
  Extraction extraction;
  extraction.copy(document->root());
  ResultWithMedia found = extraction.take();
  return found.media.empty() ? ResultWithMedia{std::string(result), {}} : found;
}

}  // namespace atonce::protocol::gemini
