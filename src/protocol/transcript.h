// A conversation as a file: one JSON document a line, written as it goes, read to go on with it.
// docs/formats/transcript.md describes the lines.
//
// What a model said is kept with its wire's own JSON, so that the same wire can echo it as it came;
// only line breaks between its tokens become blanks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/message.h"

namespace atonce::protocol {

// Lines, each with its line break. The first line of a file is the header.
[[nodiscard]] std::string transcript_header();
[[nodiscard]] std::string write_transcript_line(const Message& message);
// The newest `count` messages are taken back.
[[nodiscard]] std::string write_forgotten_line(std::size_t count);

struct Transcript {
  std::vector<Message> messages;
  std::size_t whole_bytes = 0;  // of `text`; what follows is a line whose writing broke off
};

// Errors: bad_input, with the number of the line and what is wrong with it.
[[nodiscard]] Result<Transcript> read_transcript(std::string_view text);

}  // namespace atonce::protocol
