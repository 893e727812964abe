// Files in the form in which the tests of recorded requests write what a request means:
// "files": [[media type, base64], ...].
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/message.h"
#include "protocol/recorded.h"

namespace atonce::protocol {

inline void write_file(json::Writer& writer, const Media& file) {
  writer.begin_array().string(file.media_type).string(file.data).end_array();
}

inline std::vector<Media> read_files(const json::View& view) {
  std::vector<Media> files;
  for (const json::View& file : golden::items_of(view, "files")) {
    files.push_back({.media_type = string_of(file.items()[0]), .data = string_of(file.items()[1])});
  }
  return files;
}

}  // namespace atonce::protocol
