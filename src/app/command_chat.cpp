// atonce chat: a conversation with a model that may call the tools.

#include <memory>

#include "app/chat_session.h"
#include "app/commands.h"
#include "app/line_editor.h"
#include "app/question_settings.h"
#include "app/report.h"
#include "app/runtime.h"
#include "base/log.h"

namespace atonce::app {
namespace {

int chat(QuestionSettings& settings, Shell& shell) {
  complete(settings, shell.output);
  const Places places = find_places();
  Log log(shell.common.log_level);
  const auto open = [&](const ModelChoice& choice) { return open_model(choice, places, log); };
  auto transcript = open_transcript(settings);
  if (!transcript) return print_error(transcript.error()), exit_code_of(transcript.error());
  auto model = open(settings.model);
  if (!model) return print_error(model.error()), kNotDone;
  engine::Observer observer;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, observer);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  ChatSession session(settings, shell, **runtime, transcript->get(), *std::move(model), open);
  if (auto checked = session.check(); !checked) {
    print_error(checked.error());
    return (*runtime)->close(kNotDone);
  }
  LineEditor editor(places.data / "chat_history", shell.interrupts);
  return (*runtime)->close(session.run(editor));
}

}  // namespace

void add_chat(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<QuestionSettings>();
  CLI::App* command = app.add_subcommand("chat", "talk with a model that may call the tools");
  add_tools(*command, settings->tools);
  add_policy(*command, settings->tools);
  add_question_options(*command, *settings);
  command->footer("Example:\n  atonce chat examples/meetup.py --model local");
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return chat(*settings, shell); };
  });
}

}  // namespace atonce::app
