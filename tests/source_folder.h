// Where this checkout is, for tests that read files of it. CTest says so: written into the program,
// it would keep other checkouts from using what a compiler cache has.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace atonce {

inline std::filesystem::path source_folder() {
  const char* const named = std::getenv("ATONCE_SOURCE_DIR");
  return named != nullptr ? named : ".";  // a test that is run by hand, from there
}

}  // namespace atonce
