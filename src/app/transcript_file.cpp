#include "app/transcript_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "app/report.h"
#include "protocol/transcript.h"

namespace atonce::app {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::unexpected<Error> refuse(const std::filesystem::path& file, const std::string& why,
                              std::string hint = {}) {
  return failure(ErrorCode::bad_input, "the transcript `" + file.string() + "` " + why,
                 std::move(hint));
}

// Whether all of it was written.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<TranscriptFile>> TranscriptFile::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
  std::unique_ptr<TranscriptFile> transcript(new TranscriptFile(file, fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return failure(ErrorCode::unavailable,
                   "the transcript `" + file.string() + "` is being written by another process",
                   "end that one first, or name another file");
  }
  if (auto read = transcript->read(); !read) return std::unexpected(read.error());
  return transcript;
}

Result<void> TranscriptFile::read() {
  std::string text;
  char buffer[1 << 16];
  ssize_t count = 0;
  while ((count = ::read(fd_, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  if (count < 0) return refuse(file_, std::string("cannot be read: ") + std::strerror(errno));
  auto transcript = protocol::read_transcript(text);
  if (!transcript) {
    return refuse(file_, "cannot be gone on with; " + transcript.error().message,
                  "name a new file, or one that --transcript or /save has written");
  }
  if (transcript->whole_bytes < text.size()) {
    print_warning("the last line of `" + file_.string() + "` is not whole and is left out");
    if (ftruncate(fd_, static_cast<off_t>(transcript->whole_bytes)) != 0) {
      return refuse(file_, std::string("cannot be written: ") + std::strerror(errno));
    }
  }
  if (transcript->whole_bytes == 0) write(protocol::transcript_header());
  messages_ = std::move(transcript->messages);
  return {};
}

TranscriptFile::~TranscriptFile() { close(fd_); }

void TranscriptFile::add(const protocol::Message& message) {
  write(protocol::write_transcript_line(message));
}

void TranscriptFile::forget(std::size_t count) { write(protocol::write_forgotten_line(count)); }

void TranscriptFile::write(std::string_view text) {
  if (has_failed_ || write_all(fd_, text)) return;
  has_failed_ = true;
  print_warning("cannot write the transcript `" + file_.string() + "`: " + std::strerror(errno) +
                "; what follows is not in it");
}

Result<void> save_transcript(const std::filesystem::path& file,
                             std::span<const protocol::Message> messages) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) {
    return refuse(file, std::string("cannot be made: ") + std::strerror(errno),
                  errno == EEXIST ? "name a file that is not there yet" : "");
  }
  std::string text = protocol::transcript_header();
  for (const protocol::Message& message : messages) {
    text += protocol::write_transcript_line(message);
  }
  const bool is_written = write_all(fd, text);
  const int error = errno;
  close(fd);
  if (is_written) return {};
  return refuse(file, std::string("cannot be written: ") + std::strerror(error));
}

}  // namespace atonce::app
