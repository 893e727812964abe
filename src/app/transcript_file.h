// The file of --transcript: what was said in it before, and what is said now, line by line.
//
// Thread safety: one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/message.h"

namespace atonce::app {

class TranscriptFile final {
 public:
  // Opens the file, or makes it, readable by its owner only. A last line whose writing broke off is
  // cut away, with a warning.
  // Errors: bad_input (no transcript, or it cannot be opened), unavailable (another process has
  // it).
  [[nodiscard]] static Result<std::unique_ptr<TranscriptFile>> open(
      const std::filesystem::path& file);
  ~TranscriptFile();
  TranscriptFile(const TranscriptFile&) = delete;
  TranscriptFile& operator=(const TranscriptFile&) = delete;

  // What was in it when it was opened, once.
  [[nodiscard]] std::vector<protocol::Message> take_messages() { return std::move(messages_); }

  // A failure to write is told on standard error, once; the conversation goes on.
  void add(const protocol::Message& message);
  void forget(std::size_t count);

 private:
  TranscriptFile(std::filesystem::path file, int fd) : file_(std::move(file)), fd_(fd) {}
  [[nodiscard]] Result<void> read();
  void write(std::string_view text);

  const std::filesystem::path file_;
  const int fd_;
  std::vector<protocol::Message> messages_;
  bool has_failed_ = false;
};

// Writes a conversation to a new file. Errors: bad_input when there is a file already, or it cannot
// be written.
[[nodiscard]] Result<void> save_transcript(const std::filesystem::path& file,
                                           std::span<const protocol::Message> messages);

}  // namespace atonce::app
