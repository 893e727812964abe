// Images in a function's result, in the form in which Gemini 3 sees them: as parts beside the
// response, which refers to them by name. Used by gemini_write.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atonce::protocol::gemini {

struct Media {
  std::string name;  // "image_1"; unique in its result
  std::string media_type;
  std::string data;  // base64
};

struct ResultWithMedia {
  std::string json;  // the result with {"$ref": name} in place of each image
  std::vector<Media> media;
};

// Whether a model of this name ("gemini-3-flash-preview", also as a path that ends so) sees images
// in results: from Gemini 3 on, the names that follow the latest model included.
[[nodiscard]] bool takes_media_results(std::string_view model);

// Finds atonce.Image's form, {"media_type": "image/png", "data": base64} and nothing else, wherever
// it is in `result`, which is returned as it is if there is none.
[[nodiscard]] ResultWithMedia extract_media(std::string_view result);

}  // namespace atonce::protocol::gemini
