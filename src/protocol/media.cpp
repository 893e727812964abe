#include "protocol/media.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"

namespace atonce::protocol {
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

bool is_shown(std::string_view media_type) {
  return kind_of(media_type) != MediaKind::document || media_type == "application/pdf";
}

std::string size_text(const std::string& base64) {
  const std::size_t padding = base64.size() - std::min(base64.find('='), base64.size());
  const std::size_t bytes = base64.size() / 4 * 3 - std::min(padding, base64.size() / 4 * 3);
  if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  return bytes < 1'000'000 ? std::to_string(bytes / 1000) + " kB"
                           : std::to_string(bytes / 1'000'000) + " MB";
}

// Copies a result, taking the files out.
class Extraction {
 public:
  explicit Extraction(const StandIn& stand_in) : stand_in_(stand_in) {}

  void copy(const View& value) {
    if (take_file(value)) return;
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

  std::string take_result() { return writer_.take(); }
  std::vector<Media> take_media() { return std::move(media_); }

 private:
  bool take_file(const View& value) {
    if (value.members().size() != 2) return false;
    const auto type = value.find("media_type");
    const auto data = value.find("data");
    const auto type_text = type ? type->as_string() : std::nullopt;
    const auto data_text = data ? data->as_string() : std::nullopt;
    if (!type_text || !data_text || !is_shown(*type_text) || !is_base64(*data_text)) return false;
    const bool is_image = kind_of(*type_text) == MediaKind::image;
    media_.push_back({.name = (is_image ? "image_" : "file_") + std::to_string(media_.size() + 1),
                      .media_type = std::string(*type_text),
                      .data = std::string(*data_text)});
    writer_.raw(stand_in_(media_.back()));
    return true;
  }

  const StandIn& stand_in_;
  json::Writer writer_;
  std::vector<Media> media_;
};

}  // namespace

MediaKind kind_of(std::string_view media_type) {
  if (media_type.starts_with("image/")) return MediaKind::image;
  if (media_type.starts_with("audio/")) return MediaKind::audio;
  return media_type.starts_with("video/") ? MediaKind::video : MediaKind::document;
}

std::string data_address(const Media& media) {
  return "data:" + media.media_type + ";base64," + media.data;
}

std::string describe(const Media& media) {
  const std::string what = media.media_type + ", " + size_text(media.data);
  return media.name.empty() ? what : media.name + " (" + what + ")";
}

std::string shown_below(const Media& media) {
  return json::quoted(describe(media) + ", shown below");
}

std::string not_shown(const Media& media) {
  return json::quoted(describe(media) + ", which cannot be shown");
}

OutcomeWithMedia extract_media(const call::Outcome& outcome, const StandIn& stand_in) {
  const auto* const returned = std::get_if<call::Returned>(&outcome);
  // Most results have none, and need not be parsed to know it.
  if (returned == nullptr || !returned->result.contains("media_type")) return {outcome, {}};
  const auto document = json::Document::parse(returned->result);
  if (!document) return {outcome, {}};
  Extraction extraction(stand_in);
  extraction.copy(document->root());
  std::vector<Media> media = extraction.take_media();
  if (media.empty()) return {outcome, {}};
  return {call::Returned{extraction.take_result()}, std::move(media)};
}

LateMedia make_late(Media media, std::size_t number, std::string_view function) {
  std::string label = media.name + " of result " + std::to_string(number) + " (";
  label.append(function).append("):");
  return {.label = std::move(label), .media = std::move(media)};
}

}  // namespace atonce::protocol
