// atonce ask: one question through the function-calling loop.

#include <iostream>
#include <memory>
#include <optional>

#include "app/approval.h"
#include "app/commands.h"
#include "app/model_choice.h"
#include "app/report.h"
#include "app/runtime.h"
#include "app/status_line.h"
#include "app/timeline.h"
#include "base/log.h"
#include "model/conversation.h"
#include "protocol/turn_json.h"

namespace atonce::app {
namespace {

using protocol::CallMode;

struct AskSettings {
  ToolsSettings tools;
  std::string question;
  ModelChoice model;
  std::optional<bool> streams;  // unset: when a person reads
  bool approves_all = false;
  model::ConversationOptions conversation;
};

// Shows a person what is waited for, the answer as it comes, and each turn's calls as bars.
class Narrator final : public model::Listener {
 public:
  // Text that comes in pieces goes to `output`; null: nowhere.
  Narrator(const AskSettings& settings, Runtime& runtime, const Interrupts& interrupts,
           Output* output)
      : model_(settings.model.spec),
        approves_all_(settings.approves_all),
        runtime_(runtime),
        interrupts_(interrupts),
        output_(output) {}

  void on_asking(std::size_t /*turn*/) override { waiting_.emplace("waiting for " + model_); }
  void on_text(std::string_view piece) override {
    waiting_.reset();
    if (output_ == nullptr || piece.empty()) return;
    output_->write(piece);
    is_in_line_ = !piece.ends_with('\n');
    has_written_ = true;
  }
  void on_answered() override {
    waiting_.reset();
    if (std::exchange(is_in_line_, false)) output_->write("\n");
  }
  void on_calls_done(const call::Reply& reply) override {
    has_written_ = false;
    std::cerr << draw_timeline(reply, timeline_style()) << std::flush;
    runtime_.watch_gil();
  }

  bool approves(const call::Call& call) override {
    return approves_all_ || ask_approval(call, interrupts_);
  }

  // Whether the last answer has been written already.
  [[nodiscard]] bool has_written() const { return has_written_; }

 private:
  const std::string model_;
  const bool approves_all_;
  Runtime& runtime_;
  const Interrupts& interrupts_;
  Output* const output_;
  bool is_in_line_ = false;
  bool has_written_ = false;
  std::optional<StatusLine> waiting_;
};

void write_usage(json::Writer& writer, const protocol::Usage& usage) {
  writer.key("usage").begin_object();
  writer.key("input_tokens").integer(usage.input_tokens);
  writer.key("output_tokens").integer(usage.output_tokens);
  writer.key("thought_tokens").integer(usage.thought_tokens);
  writer.key("cached_tokens").integer(usage.cached_tokens);
  writer.key("total_tokens").integer(usage.total_tokens).end_object();
}

// Providers that give no ids leave them empty; in the document each call has one.
void write_turns(json::Writer& writer, const std::vector<call::Reply>& turns) {
  std::size_t number = 0;
  writer.key("turns").begin_array();
  for (const call::Reply& turn : turns) {
    writer.begin_object().key("calls").begin_array();
    for (call::Finished finished : turn.calls) {
      ++number;
      if (finished.call.id.empty()) finished.call.id = std::to_string(number);
      protocol::write_finished(writer, finished);
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

std::string to_json(const model::Answer& answer, std::string_view model) {
  json::Writer writer;
  writer.begin_object().key("text").string(answer.text);
  write_turns(writer, answer.turns);
  writer.key("model").string(answer.model.empty() ? model : answer.model);
  write_usage(writer, answer.usage);
  writer.key("finish").string(name_of(answer.ending));
  if (!answer.detail.empty()) writer.key("detail").string(answer.detail);
  if (answer.error) writer.key("error").string(answer.error->message);
  return writer.end_object().take();
}

// Why there is no answer, for a person.
Error explain(const model::Answer& answer, const AskSettings& settings) {
  using model::Ending;
  const std::string detail = answer.detail.empty() ? "" : " (" + answer.detail + ")";
  switch (answer.ending) {
    case Ending::call_limit:
      return {ErrorCode::refused,
              "no answer within " + std::to_string(settings.conversation.max_turns) + " turns",
              "allow more with --max-turns, or ask for less at once"};
    case Ending::blocked:
      return {ErrorCode::refused, "the model's provider blocked the answer" + detail,
              "ask in other words"};
    case Ending::length:
      return {ErrorCode::refused, "the answer was cut off: the model ran out of tokens" + detail,
              "ask for less at once"};
    case Ending::malformed:
      return {ErrorCode::bad_response, "the model wrote no valid call, several times" + detail,
              "ask again, or choose a larger model with --model"};
    case Ending::empty:
      return {ErrorCode::bad_response, "the model said nothing, several times" + detail,
              "ask again, or choose another model with --model"};
    default: return {ErrorCode::cancelled, "cancelled"};
  }
}

int show(const model::Answer& answer, const AskSettings& settings, Shell& shell, bool is_written) {
  if (shell.common.json) {
    shell.output.line(to_json(answer, settings.model.spec));
  } else if (!answer.text.empty() && !is_written) {
    shell.output.line(answer.text);
  }
  if (answer.ending == model::Ending::answered) return kFine;
  print_error(answer.error.value_or(explain(answer, settings)));
  return kFailed;
}

int ask(AskSettings& settings, Shell& shell) {
  if (settings.model.spec.empty()) settings.model.spec = default_model_spec();
  Log log(shell.common.log_level);
  auto model = open_model(settings.model, find_places(), log);
  if (!model) return print_error(model.error()), kNotDone;
  engine::Observer observer;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, observer);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  settings.conversation.streams = settings.streams.value_or(shell.output.is_terminal());
  Narrator narrator(settings, **runtime, shell.interrupts,
                    shell.common.json ? nullptr : &shell.output);
  model::Conversation conversation(
      **model, (*runtime)->toolset().specs(), [&] { return (*runtime)->open_turn(); }, narrator,
      settings.conversation);
  if (auto checked = conversation.check(); !checked) {
    print_error(checked.error());
    return (*runtime)->close(kNotDone);
  }
  const Interrupts::Handler cancels(shell.interrupts, [&] { conversation.cancel(); });
  const model::Answer answer = conversation.ask({settings.question});
  return (*runtime)->close(show(answer, settings, shell, narrator.has_written()));
}

}  // namespace

void add_ask(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<AskSettings>();
  CLI::App* command = app.add_subcommand("ask", "ask a model that may call the tools");
  add_tools(*command, settings->tools);
  command->add_option("QUESTION", settings->question, "what to ask")->required()->type_name("");
  command
      ->add_option(
          "--model", settings->model.spec,
          "gemini/NAME, gemini-interactions/NAME, openai/NAME, openai-responses/NAME, local "
          "or local:FILE.gguf (default: gemini/gemini-flash-latest if GEMINI_API_KEY is "
          "set, else local)")
      ->type_name("SPEC");
  command
      ->add_option("--base-url", settings->model.base_url,
                   "the provider's address (default: GOOGLE_GEMINI_BASE_URL, OPENAI_BASE_URL)")
      ->type_name("URL");
  model::ConversationOptions& options = settings->conversation;
  add_choice<CallMode>(*command, "--mode", options.mode,
                       {{"auto", CallMode::automatic},
                        {"any", CallMode::any},
                        {"none", CallMode::none},
                        {"validated", CallMode::validated}},
                       "auto (default), any, none or validated")
      ->type_name("MODE");
  command->add_option("--allow", options.allowed, "the only tools to declare; may be given again")
      ->delimiter(',')
      ->type_name("NAME");
  command->add_option("--max-turns", options.max_turns, "answers the model may take (default: 10)")
      ->check(CLI::Range(1, 1'000).description(""))
      ->type_name("N");
  command->add_flag("--stream,!--no-stream", settings->streams,
                    "ask for the answer in pieces (default: when stdout is a terminal)");
  command->add_flag("--yes", settings->approves_all,
                    "run tools marked approve=True without asking");
  command->add_option("--system", options.system, "instructions for the model")->type_name("TEXT");
  command->add_option("--temperature", options.temperature, "of the model's sampling")
      ->check(CLI::Range(0.0, 2.0).description(""))
      ->type_name("X");
  command->footer(
      "Example:\n  atonce ask examples/meetup.py \"How much is 500 Australian dollars in Swedish "
      "krona?\"");
  command->callback(
      [settings, &chosen] { chosen = [settings](Shell& shell) { return ask(*settings, shell); }; });
}

}  // namespace atonce::app
