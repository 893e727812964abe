#include "app/question_settings.h"

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

namespace atonce::app {
namespace {

using protocol::CallMode;
using protocol::ProviderTool;

void add_model_options(CLI::App& command, ModelChoice& model) {
  command
      .add_option("--model", model.spec,
                  "gemini/NAME, gemini-interactions/NAME, vertex/NAME, openai/NAME, "
                  "openai-responses/NAME, local or local:FILE.gguf (default: "
                  "gemini/gemini-flash-latest if GEMINI_API_KEY is set, else local)")
      ->type_name("SPEC");
  command
      .add_option("--base-url", model.base_url,
                  "the provider's address (default: GOOGLE_GEMINI_BASE_URL, "
                  "GOOGLE_VERTEX_BASE_URL, OPENAI_BASE_URL)")
      ->type_name("URL");
  command.add_flag("--stateful", model.is_stateful,
                   "let the provider keep the conversation, and send only what is new "
                   "(gemini-interactions, openai-responses)");
}

ProviderTool parse_provider_tool(const std::string& word) {
  if (word == "search") return ProviderTool::search;
  if (word == "code-execution") return ProviderTool::code_execution;
  if (word == "url-context") return ProviderTool::url_context;
  throw CLI::ValidationError("`" + word + "` is none of search, code-execution, url-context");
}

void add_call_options(CLI::App& command, model::ConversationOptions& options) {
  add_choice<CallMode>(command, "--mode", options.mode,
                       {{"auto", CallMode::automatic},
                        {"any", CallMode::any},
                        {"none", CallMode::none},
                        {"validated", CallMode::validated}},
                       "auto (default), any, none or validated")
      ->type_name("MODE");
  command.add_option("--allow", options.allowed, "the only tools to declare; may be given again")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      .add_option_function<std::vector<std::string>>(
          "--provider-tool",
          [&options](const std::vector<std::string>& words) {
            for (const auto& word : words) {
              options.provider_tools.push_back(parse_provider_tool(word));
            }
          },
          "what the provider runs beside the tools: search, code-execution or url-context; may be "
          "given again")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command.add_option("--max-turns", options.max_turns, "answers the model may take (default: 10)")
      ->check(within(1, 1'000))
      ->type_name("N");
}

}  // namespace

void add_question_options(CLI::App& command, QuestionSettings& settings) {
  add_model_options(command, settings.model);
  model::ConversationOptions& options = settings.conversation;
  add_call_options(command, options);
  command
      .add_option("--time-limit", settings.time_limit_seconds,
                  "for one question, with all its calls (default: none)")
      ->check(within(0.001, 86'400))
      ->type_name("SECONDS");
  command.add_flag("--stream,!--no-stream", settings.streams,
                   "ask for the answer in pieces (default: when stdout is a terminal)");
  command.add_flag("--yes", settings.approves_all, "run tools marked approve=True without asking");
  command.add_option("--system", options.system, "instructions for the model")->type_name("TEXT");
  command.add_option("--temperature", options.temperature, "of the model's sampling")
      ->check(within(0, 2))
      ->type_name("X");
  command
      .add_option("--transcript", settings.transcript,
                  "keep the conversation in this file, and go on with what is in it")
      ->type_name("FILE");
}

void complete(QuestionSettings& settings, const Output& output) {
  if (settings.model.spec.empty()) settings.model.spec = default_model_spec();
  settings.conversation.streams = settings.streams.value_or(output.is_terminal());
  if (settings.time_limit_seconds) {
    settings.conversation.time_limit =
        std::chrono::milliseconds(std::llround(*settings.time_limit_seconds * 1000));
  }
}

Result<std::unique_ptr<TranscriptFile>> open_transcript(const QuestionSettings& settings) {
  if (settings.transcript.empty()) return nullptr;
  return TranscriptFile::open(settings.transcript);
}

}  // namespace atonce::app
