// The options that `ask` and `chat` share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/model_choice.h"
#include "app/transcript_file.h"
#include "model/conversation.h"

namespace atonce::app {

struct QuestionSettings {
  ToolsSettings tools;
  ModelChoice model;
  std::optional<bool> streams;  // unset: when a person reads
  bool approves_all = false;
  std::optional<double> time_limit_seconds;
  std::filesystem::path transcript;  // empty: none
  model::ConversationOptions conversation;
};

// Adds them to `command`, but for TOOLS.
void add_question_options(CLI::App& command, QuestionSettings& settings);

// Fills in what was left open, for a person who reads `output`.
void complete(QuestionSettings& settings, const Output& output);

// The file of --transcript; null without one. Errors: as TranscriptFile::open().
[[nodiscard]] Result<std::unique_ptr<TranscriptFile>> open_transcript(
    const QuestionSettings& settings);

}  // namespace atonce::app
