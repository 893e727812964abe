// A conversation on the terminal: questions, and commands that begin with a slash.
//
// Thread safety: one thread; Ctrl-C ends the question that runs, not the session.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands.h"
#include "app/line_editor.h"
#include "app/narrator.h"
#include "app/question_settings.h"
#include "base/json.h"
#include "model/conversation.h"

namespace atonce::app {

class ChatSession final {
 public:
  using OpenModel = std::function<Result<std::unique_ptr<model::Model>>(const ModelChoice&)>;

  // The references must outlive it.
  ChatSession(QuestionSettings& settings, Shell& shell, Runtime& runtime,
              TranscriptFile* transcript, std::unique_ptr<model::Model> model,
              OpenModel open_model);

  // Whether the conversation can be had as the settings say.
  [[nodiscard]] Result<void> check() const { return conversation_.check(); }

  // Until the person leaves. Gives the exit code.
  [[nodiscard]] int run(LineEditor& editor);

 private:
  struct Command;
  [[nodiscard]] static std::span<const Command> commands();

  [[nodiscard]] LineEditor::Got read_input(LineEditor& editor, std::string& input);
  void obey(std::string_view line);
  void ask(std::string text);
  // Takes an answer that Ctrl-C may cut short, and shows it.
  void take(const std::function<model::Answer()>& answer);
  void show(const model::Answer& answer);

  void help(const std::string& rest);
  void list_tools(const std::string& rest);
  void change_model(const std::string& rest);
  void attach_file(const std::string& rest);
  void save(const std::string& rest);
  void retry(const std::string& rest);
  void quit(const std::string& rest);

  QuestionSettings& settings_;
  Shell& shell_;
  Runtime& runtime_;
  std::unique_ptr<model::Model> model_;
  const OpenModel open_model_;
  Narrator narrator_;
  model::Conversation conversation_;
  protocol::UserText next_;  // files for the next question
  bool is_over_ = false;
  json::Writer answers_;  // of --json
};

}  // namespace atonce::app
