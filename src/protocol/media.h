// Files on their way to a model, beside the words of a question or out of a function's result. Pure
// functions.
//
// A function returns one as atonce.Image does in JSON: {"media_type": "image/png", "data": base64}
// and nothing else; sounds, films and PDFs count as well. A model cannot read base64, so the file
// is taken out of the result, and something that names it stands in its place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "call/outcome.h"
#include "protocol/message.h"

namespace atonce::protocol {

enum class MediaKind { image, audio, video, document };

// "image/png" is an image; what is none of the others is a document.
[[nodiscard]] MediaKind kind_of(std::string_view media_type);

// "data:image/png;base64,aGk="
[[nodiscard]] std::string data_address(const Media& media);

// "image_1 (image/png, 2 bytes)"; without its name where it has none.
[[nodiscard]] std::string describe(const Media& media);

struct OutcomeWithMedia {
  call::Outcome outcome;
  std::vector<Media> media;  // named "image_1", "file_2", ...: unique in their result
};

// Gives the JSON that stands in the place of a file.
using StandIn = std::function<std::string(const Media& media)>;

// The two that do with words: the model sees the file after the result, or not at all.
[[nodiscard]] std::string shown_below(const Media& media);
[[nodiscard]] std::string not_shown(const Media& media);

// Takes the files out of what was returned, wherever they are in it.
[[nodiscard]] OutcomeWithMedia extract_media(const call::Outcome& outcome, const StandIn& stand_in);

// A file that is shown after all results, with words that say of which it is.
struct LateMedia {
  std::string label;  // "image_1 of result 2 (draw):"
  Media media;
};

// `number` counts the results of the turn from 1.
[[nodiscard]] LateMedia make_late(Media media, std::size_t number, std::string_view function);

}  // namespace atonce::protocol
