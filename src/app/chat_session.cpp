#include "app/chat_session.h"

#include <algorithm>
#include <utility>

#include "app/answer_report.h"
#include "app/attachment.h"
#include "app/report.h"
#include "base/text.h"

namespace atonce::app {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string limits_of(const call::Policy& policy) {
  std::string text;
  if (policy.needs_approval) text += ", asks first";
  if (policy.is_destructive) text += ", destructive";
  if (!policy.serial_group.empty()) text += ", one at a time";
  return text.empty() ? "" : " (" + text.substr(2) + ")";
}

}  // namespace

struct ChatSession::Command {
  std::string_view name;
  std::string_view argument;
  std::string_view does;
  void (ChatSession::*run)(const std::string& rest);
};

std::span<const ChatSession::Command> ChatSession::commands() {
  static constexpr Command kCommands[] = {
      {"/help", "", "these lines", &ChatSession::help},
      {"/tools", "", "what the model may call", &ChatSession::list_tools},
      {"/model", "[SPEC]", "the model that answers, or another one", &ChatSession::change_model},
      {"/file", "FILE", "a file for the next question", &ChatSession::attach_file},
      {"/retry", "", "ask the last question again", &ChatSession::retry},
      {"/save", "FILE", "write the conversation; --transcript goes on with it", &ChatSession::save},
      {"/quit", "", "leave; so does Ctrl-D", &ChatSession::quit},
  };
  return kCommands;
}

ChatSession::ChatSession(QuestionSettings& settings, Shell& shell, Runtime& runtime,
                         TranscriptFile* transcript, std::unique_ptr<model::Model> model,
                         OpenModel open_model)
    : settings_(settings),
      shell_(shell),
      runtime_(runtime),
      model_(std::move(model)),
      open_model_(std::move(open_model)),
      narrator_({.runtime = runtime,
                 .interrupts = shell.interrupts,
                 .output = shell.common.json ? nullptr : &shell.output,
                 .transcript = transcript},
                settings.model.spec, settings.approves_all),
      conversation_(
          *model_, runtime.toolset().specs(), [this] { return runtime_.open_turn(); }, narrator_,
          settings.conversation) {
  if (transcript != nullptr) conversation_.resume(transcript->take_messages());
  answers_.begin_array();
}

int ChatSession::run(LineEditor& editor) {
  print_note(settings_.model.spec + ", " + std::to_string(runtime_.toolset().specs().size()) +
             " tools; /help says what else there is");
  std::string input;
  while (!is_over_) {
    const LineEditor::Got got = read_input(editor, input);
    if (got == LineEditor::Got::end) break;
    if (got == LineEditor::Got::interrupted || input.empty()) continue;
    input.starts_with('/') ? obey(input) : ask(std::move(input));
  }
  if (shell_.common.json) shell_.output.line(answers_.end_array().take());
  return kFine;
}

// A line that ends with a backslash goes on in the next one.
LineEditor::Got ChatSession::read_input(LineEditor& editor, std::string& input) {
  input.clear();
  std::string line;
  LineEditor::Got got = editor.read("> ", line);
  while (got == LineEditor::Got::line && line.ends_with('\\')) {
    line.back() = '\n';
    input += line;
    got = editor.read(". ", line);
  }
  if (got == LineEditor::Got::line) input = std::string(trimmed(input + line));
  return got;
}

void ChatSession::obey(std::string_view line) {
  const std::string_view name = line.substr(0, line.find_first_of(kBlanks));
  const std::string rest(trimmed(line.substr(name.size())));
  const auto known = commands();
  const auto command = std::ranges::find(known, name, &Command::name);
  if (command != known.end()) return (this->*command->run)(rest);
  print_error({ErrorCode::bad_input, "there is no command `" + std::string(name) + "`",
               "/help lists them; a question must not begin with a slash"});
}

void ChatSession::ask(std::string text) {
  protocol::UserText question = std::exchange(next_, {});
  question.text += question.text.empty() ? std::move(text) : "\n\n" + text;
  if (auto checked = conversation_.check(question); !checked) return print_error(checked.error());
  take([&] { return conversation_.ask(std::move(question)); });
}

void ChatSession::take(const std::function<model::Answer()>& answer) {
  shell_.interrupts.forget();
  conversation_.uncancel();
  const Interrupts::Handler cancels(shell_.interrupts, [this] { conversation_.cancel(); });
  show(answer());
}

void ChatSession::show(const model::Answer& answer) {
  if (shell_.common.json) {
    write_answer(answers_, answer, settings_.model.spec);
  } else if (!answer.text.empty() && !narrator_.has_written()) {
    shell_.output.line(answer.text);
  }
  if (answer.ending != model::Ending::answered) {
    print_error(explain(answer, settings_.conversation));
  }
}

void ChatSession::help(const std::string& /*rest*/) {
  std::string text;
  for (const Command& command : commands()) {
    const std::string usage = std::string(command.name) + (command.argument.empty() ? "" : " ") +
                              std::string(command.argument);
    text += usage + std::string(usage.size() < 15 ? 15 - usage.size() : 1, ' ') +
            std::string(command.does) + "\n";
  }
  print_note(text +
             "A line that ends with \\ goes on in the next. Ctrl-C ends a question that runs.");
}

void ChatSession::list_tools(const std::string& /*rest*/) {
  const auto& allowed = settings_.conversation.allowed;
  for (const call::ToolSpec& tool : runtime_.toolset().specs()) {
    const bool is_allowed =
        allowed.empty() || std::ranges::find(allowed, tool.name) != allowed.end();
    if (!is_allowed) continue;
    const std::string what = first_line(tool.description);
    print_note(tool.name + limits_of(tool.policy) + (what.empty() ? "" : ": " + what));
  }
}

void ChatSession::change_model(const std::string& rest) {
  if (rest.empty()) return print_note(settings_.model.spec);
  ModelChoice choice{.spec = rest};
  auto opened = open_model_(choice);
  if (!opened) return print_error(opened.error());
  conversation_.set_model(**opened);
  if (auto checked = conversation_.check(); !checked) {
    conversation_.set_model(*model_);
    return print_error(checked.error());
  }
  model_ = *std::move(opened);
  settings_.model = choice;
  narrator_.set_model(rest);
}

void ChatSession::attach_file(const std::string& rest) {
  if (auto attached = attach(next_, rest); !attached) return print_error(attached.error());
  print_note("the next question is about `" + rest + "`, too");
}

void ChatSession::save(const std::string& rest) {
  if (rest.empty()) {
    return print_error({ErrorCode::bad_input, "/save needs a file", "such as: /save talk.jsonl"});
  }
  if (auto saved = save_transcript(rest, conversation_.history()); !saved) {
    return print_error(saved.error());
  }
  print_note("saved; `atonce chat ... --transcript " + rest + "` goes on with it");
}

void ChatSession::retry(const std::string& /*rest*/) {
  if (!conversation_.forget_answer()) {
    return print_error({ErrorCode::bad_input, "nothing was asked yet", ""});
  }
  take([this] { return conversation_.go_on(); });
}

void ChatSession::quit(const std::string& /*rest*/) { is_over_ = true; }

}  // namespace atonce::app
