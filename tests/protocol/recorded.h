// Recorded exchanges with real servers. They are not part of this repository: they are looked for
// in ../shared/data/recorded beside it (ATONCE_SHARED_DATA names another ../shared/data), and tests
// that need them are skipped when they are not there.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace atonce::protocol {

inline std::filesystem::path recorded_folder() {
  const char* const named = std::getenv("ATONCE_SHARED_DATA");
  const auto data = named != nullptr && *named != '\0'
                        ? std::filesystem::path(named)
                        : std::filesystem::path(ATONCE_SOURCE_DIR) / "../shared/data";
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

}  // namespace atonce::protocol
