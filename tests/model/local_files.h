// Files that the tests of the embedded model share: the model in the cache, folders to write in.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.h"
#include "source_folder.h"

namespace atonce::model {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::filesystem::path cache_folder() {
  const auto value = [](const char* name) {
    const char* found = std::getenv(name);
    return std::string(found != nullptr ? found : "");
  };
  if (!value("ATONCE_CACHE").empty()) return value("ATONCE_CACHE");
  const std::filesystem::path parent = value("XDG_CACHE_HOME").empty()
                                           ? std::filesystem::path(value("HOME")) / ".cache"
                                           : std::filesystem::path(value("XDG_CACHE_HOME"));
  return parent / "atonce";
}

inline std::filesystem::path model_path() {
  const auto manifest = json::Document::parse(read_text(source_folder() / "tools" / "models.json"));
  const auto file = manifest->root().find("default")->find("file");
  return cache_folder() / "models" / std::string(*file->as_string());
}

// A folder of this test's own, emptied before it.
inline std::filesystem::path own_folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "atonce-local-model" / test->name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

// Skips its tests when the model is not in the cache.
class NeedsModelFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(model_path())) {
      GTEST_SKIP() << "the embedded model is not at " << model_path()
                   << "; tools/fetch_model.sh fetches it";
    }
  }
};

}  // namespace atonce::model
