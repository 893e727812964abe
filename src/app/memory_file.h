// A file that is only in memory, for what other processes write: gone when this is.
//
// Thread safety: all methods from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace atonce::app {

class MemoryFile final {
 public:
  explicit MemoryFile(const char* name);  // as it shows in /proc
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Nothing when the system gave no file.
  [[nodiscard]] std::optional<int> fd() const;

  // Under which other processes of this user can open it.
  [[nodiscard]] std::string path() const;

  [[nodiscard]] std::size_t bytes() const;

  // The last `most` bytes of what came after the first `from`.
  [[nodiscard]] std::string tail(std::size_t most, std::size_t from = 0) const;

  // What a Python that crashed had to say, if it wrote here after the first `from` bytes: the line
  // that tells of the error.
  [[nodiscard]] std::string last_words(std::size_t from = 0) const;

 private:
  const int fd_;
};

}  // namespace atonce::app
