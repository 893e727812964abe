#include "app/memory_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace atonce::app {

MemoryFile::MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

std::optional<int> MemoryFile::fd() const { return fd_ < 0 ? std::nullopt : std::optional(fd_); }

std::string MemoryFile::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
}

std::size_t MemoryFile::bytes() const {
  struct stat facts{};
  return fstat(fd_, &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
}

std::string MemoryFile::tail(std::size_t most, std::size_t from) const {
  const std::size_t size = bytes();
  std::string text(std::min(size - std::min(size, from), most), '\0');
  const ssize_t count =
      pread(fd_, text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::string MemoryFile::last_words(std::size_t from) const {
  constexpr std::size_t kMostBytes = 8'192;
  const std::string all = tail(kMostBytes, from);
  const std::size_t fatal = all.rfind("Fatal Python error: ");
  if (fatal == std::string::npos) return "";
  return all.substr(fatal, all.find('\n', fatal) - fatal);
}

}  // namespace atonce::app
