// atonce call: one call, or a turn, without a model.

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "app/commands.h"
#include "app/report.h"
#include "app/runtime.h"
#include "app/timeline.h"
#include "protocol/turn_json.h"

namespace atonce::app {
namespace {

struct CallSettings {
  ToolsSettings tools;
  std::string name;
  std::string arguments = "{}";
  std::string turn_file;
  bool draws_timeline = false;
};

Result<std::string> read_all(const std::string& file) {
  if (file == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return failure(ErrorCode::not_found, "cannot read the turn `" + file + "`",
                   "give --turn a file of calls, or - for standard input");
  }
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

Result<call::Plan> plan_of(const CallSettings& settings) {
  if (settings.turn_file.empty()) {
    return call::Plan{{{.id = "1", .name = settings.name, .arguments = settings.arguments}}};
  }
  auto text = read_all(settings.turn_file);
  if (!text) return std::unexpected(text.error());
  return protocol::read_turn(*text);
}

// A turn is fine once every call has its outcome; a single call only when it returned.
int exit_code_for(const CallSettings& settings, const call::Reply& reply) {
  if (!settings.turn_file.empty()) return kFine;
  return std::holds_alternative<call::Returned>(reply.calls.front().outcome) ? kFine : kFailed;
}

void show_traceback(const call::Reply& reply) {
  for (const call::Finished& finished : reply.calls) {
    const auto* raised = std::get_if<call::Raised>(&finished.outcome);
    if (raised != nullptr && !raised->traceback.empty()) print_note(raised->traceback);
  }
}

int call(const CallSettings& settings, Shell& shell) {
  if (settings.turn_file.empty() == settings.name.empty()) {
    print_error({ErrorCode::bad_input, "say which tool to call: NAME, or --turn FILE",
                 "atonce call examples/meetup.py list_talks"});
    return kNotDone;
  }
  auto plan = plan_of(settings);
  if (!plan) return print_error(plan.error()), exit_code_of(plan.error());
  engine::Observer observer;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, observer);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  const call::Reply reply = (*runtime)->run(*std::move(plan));
  show_traceback(reply);
  if (settings.draws_timeline) std::cerr << draw_timeline(reply, timeline_style());
  if (settings.turn_file.empty()) {
    json::Writer writer;
    protocol::write_finished(writer, reply.calls.front());
    shell.output.line(writer.take());
  } else {
    shell.output.line(protocol::write_turn(reply));
  }
  return (*runtime)->close(exit_code_for(settings, reply));
}

}  // namespace

void add_call(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<CallSettings>();
  CLI::App* command =
      app.add_subcommand("call", "run one call, or a turn of calls, without a model");
  add_tools(*command, settings->tools);
  command->add_option("NAME", settings->name, "the tool to call")->type_name("");
  command->add_option("ARGS", settings->arguments, "its arguments, a JSON object (default: {})")
      ->type_name("");
  command
      ->add_option("--turn", settings->turn_file,
                   "a file of calls (- for standard input): [{\"id\",\"name\",\"args\"}, ...]")
      ->type_name("FILE");
  add_policy(*command, settings->tools);
  command->add_flag("--timeline", settings->draws_timeline, "draw one bar per call");
  command->footer(
      "Example:\n"
      "  atonce call examples/meetup.py get_exchange_rate "
      "'{\"currency_from\":\"AUD\",\"currency_to\":\"SEK\"}'");
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return call(*settings, shell); };
  });
}

}  // namespace atonce::app
