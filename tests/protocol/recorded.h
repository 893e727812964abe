// Recorded exchanges with real servers. They are not part of this repository: they are looked for
// in ../shared/data/recorded beside it (ATONCE_SHARED_DATA names another ../shared/data), and tests
// that need them are skipped when they are not there.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "source_folder.h"

namespace atonce::protocol {

inline std::filesystem::path recorded_folder() {
  const char* const named = std::getenv("ATONCE_SHARED_DATA");
  const auto data = named != nullptr && *named != '\0' ? std::filesystem::path(named)
                                                       : source_folder() / "../shared/data";
  return data / "recorded";
}

// The exchanges of one kind ("unary"), in the order of their names; empty if they are not there.
inline std::vector<std::filesystem::path> recorded_files(const std::string& kind) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(recorded_folder() / kind, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline constexpr char kRecordedAbsent[] =
    "the recorded exchanges are not here (../shared/data, or ATONCE_SHARED_DATA)";

// The member at the end of a path of members.
inline std::optional<json::View> member(const json::View& view,
                                        std::initializer_list<const char*> path) {
  std::optional<json::View> at = view;
  for (const char* key : path) {
    if (at) at = at->find(key);
  }
  return at;
}

inline std::string string_of(const std::optional<json::View>& view) {
  return std::string(view ? view->as_string().value_or("") : "");
}

struct RecordedExchange {
  std::string file;
  json::Document document;                 // the whole file
  std::string url;                         // empty if the recording does not hold it
  std::optional<json::View> request_body;  // nothing if it does not hold one
  std::string body;                        // of the response
  int status;
  bool is_wire_text;  // `body` has the very bytes that the server sent
};

inline std::vector<RecordedExchange> recorded_exchanges(const std::string& kind) {
  std::vector<RecordedExchange> exchanges;
  for (const auto& file : recorded_files(kind)) {
    auto document = json::Document::parse(read_all(file));
    EXPECT_TRUE(document) << file;
    if (!document) continue;
    const json::View root = document->root();
    const auto status = member(root, {"response", "status"})->as_int64().value();
    exchanges.push_back(
        {.file = file.filename().string(),
         .document = *std::move(document),
         .url = string_of(member(root, {"request", "url"})),
         .request_body = member(root, {"request", "body"}),
         .body = string_of(member(root, {"response", "body"})),
         .status = static_cast<int>(status),
         .is_wire_text = member(root, {"response", "body_is_wire_text"})->as_bool().value()});
  }
  return exchanges;
}

}  // namespace atonce::protocol
