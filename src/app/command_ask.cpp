// atonce ask: one question through the function-calling loop.

#include <memory>
#include <string>
#include <vector>

#include "app/answer_report.h"
#include "app/attachment.h"
#include "app/commands.h"
#include "app/narrator.h"
#include "app/question_settings.h"
#include "app/report.h"
#include "app/runtime.h"
#include "base/log.h"
#include "model/history.h"

namespace atonce::app {
namespace {

struct AskSettings : QuestionSettings {
  std::string question;
  std::vector<std::string> files;
  bool counts_tokens = false;
};

Result<protocol::UserText> read_question(const AskSettings& settings) {
  protocol::UserText question{.text = settings.question};
  for (const std::string& file : settings.files) {
    if (auto attached = attach(question, file); !attached) {
      return std::unexpected(attached.error());
    }
  }
  return question;
}

int show(const model::Answer& answer, const AskSettings& settings, Shell& shell, bool is_written) {
  if (shell.common.json) {
    json::Writer writer;
    write_answer(writer, answer, settings.model.spec);
    shell.output.line(writer.take());
  } else if (!answer.text.empty() && !is_written) {
    shell.output.line(answer.text);
  }
  if (answer.ending == model::Ending::answered) return kFine;
  print_error(explain(answer, settings.conversation));
  return kFailed;
}

int show_count(const Result<std::int64_t>& count, Shell& shell) {
  if (!count) return print_error(count.error()), exit_code_of(count.error());
  json::Writer writer;
  writer.begin_object().key("input_tokens").integer(*count).end_object();
  shell.output.line(shell.common.json ? writer.take() : std::to_string(*count));
  return kFine;
}

// Nothing to ask is only right where a transcript awaits an answer.
Result<void> check_question(const protocol::UserText& question,
                            const model::Conversation& conversation) {
  if (!question.text.empty() || !question.files.empty()) return {};
  if (model::awaits_answer(conversation.history())) return {};
  return failure(ErrorCode::bad_input, "there is no question",
                 "write it after TOOLS; without one, --transcript goes on with a question that was "
                 "not answered");
}

int converse(model::Model& model, model::Conversation& conversation, Narrator& narrator,
             const AskSettings& settings, Shell& shell) {
  auto question = read_question(settings);
  if (!question) return print_error(question.error()), kNotDone;
  for (const auto& checked :
       {conversation.check(*question), check_question(*question, conversation)}) {
    if (!checked) return print_error(checked.error()), kNotDone;
  }
  const bool has_question = !question->text.empty() || !question->files.empty();
  const Interrupts::Handler cancels(shell.interrupts, [&] { conversation.cancel(); });
  if (settings.counts_tokens) {
    std::vector<protocol::Message> messages(conversation.history().begin(),
                                            conversation.history().end());
    if (has_question) messages.emplace_back(*std::move(question));
    protocol::ModelRequest request = conversation.request();
    request.messages = messages;
    return show_count(model.count_tokens(request), shell);
  }
  const model::Answer answer =
      has_question ? conversation.ask(*std::move(question)) : conversation.go_on();
  return show(answer, settings, shell, narrator.has_written());
}

int ask(AskSettings& settings, Shell& shell) {
  complete(settings, shell.output);
  Log log(shell.common.log_level);
  auto transcript = open_transcript(settings);
  if (!transcript) return print_error(transcript.error()), exit_code_of(transcript.error());
  auto model = open_model(settings.model, find_places(), log);
  if (!model) return print_error(model.error()), kNotDone;
  engine::Observer observer;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, observer);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  Narrator narrator({.runtime = **runtime,
                     .interrupts = shell.interrupts,
                     .output = shell.common.json ? nullptr : &shell.output,
                     .transcript = transcript->get()},
                    settings.model.spec, settings.approves_all);
  model::Conversation conversation(
      **model, (*runtime)->toolset().specs(), [&] { return (*runtime)->open_turn(); }, narrator,
      settings.conversation);
  if (*transcript) conversation.resume((*transcript)->take_messages());
  return (*runtime)->close(converse(**model, conversation, narrator, settings, shell));
}

}  // namespace

void add_ask(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<AskSettings>();
  CLI::App* command = app.add_subcommand("ask", "ask a model that may call the tools");
  add_tools(*command, settings->tools);
  command->add_option("QUESTION", settings->question, "what to ask")->type_name("");
  add_policy(*command, settings->tools);
  add_question_options(*command, *settings);
  command
      ->add_option("--file", settings->files,
                   "an image, sound, film, PDF or text to ask about; may be given again")
      ->type_name("FILE");
  command->add_flag("--count-tokens", settings->counts_tokens,
                    "print how many tokens the question would cost, and ask nothing");
  command->footer(
      "Example:\n  atonce ask examples/meetup.py \"How much is 500 Australian dollars in Swedish "
      "krona?\"");
  command->callback(
      [settings, &chosen] { chosen = [settings](Shell& shell) { return ask(*settings, shell); }; });
}

}  // namespace atonce::app
