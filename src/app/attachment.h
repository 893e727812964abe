// A file that a question is asked about.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "protocol/message.h"

namespace atonce::app {

// Puts the file into the question: text as part of its words, which every model reads; an image,
// sound, film or PDF beside them.
// Errors: not_found; bad_input for a file over 20 MB, or of a kind that models do not take.
[[nodiscard]] Result<void> attach(protocol::UserText& question, const std::filesystem::path& file);

}  // namespace atonce::app
