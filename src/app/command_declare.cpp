// atonce declare: what a model or protocol is told of the tools.

#include <memory>

#include "app/commands.h"
#include "app/report.h"
#include "app/runtime.h"
#include "base/json.h"

namespace atonce::app {
namespace {

struct DeclareSettings {
  ToolsSettings tools;
  call::Dialect dialect = call::Dialect::jsonschema;
};

int declare(const DeclareSettings& settings, Shell& shell) {
  if (settings.tools.is_strict && settings.dialect != call::Dialect::openai) {
    print_error({ErrorCode::bad_input, "only OpenAI's declarations can be strict",
                 "use --strict with --for openai"});
    return kNotDone;
  }
  engine::Observer observer;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, observer);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  json::Writer writer;
  writer.begin_array();
  for (const call::ToolSpec& spec : (*runtime)->toolset().specs()) {
    writer.raw(spec.declaration(settings.dialect));
  }
  writer.end_array();
  shell.output.line(writer.take());
  return (*runtime)->close(kFine);
}

}  // namespace

void add_declare(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<DeclareSettings>();
  CLI::App* command = app.add_subcommand("declare", "print the tools' declarations, a JSON array");
  add_tools(*command, settings->tools);
  add_choice<call::Dialect>(*command, "--for", settings->dialect,
                            {{"gemini", call::Dialect::gemini},
                             {"openai", call::Dialect::openai},
                             {"mcp", call::Dialect::mcp},
                             {"jsonschema", call::Dialect::jsonschema}},
                            "gemini, openai, mcp or jsonschema (default)")
      ->type_name("WHOM");
  command->footer(
      "Example:\n  atonce declare examples/meetup.py --for gemini\n"
      "  atonce declare examples/meetup.py --for openai --strict");
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return declare(*settings, shell); };
  });
}

}  // namespace atonce::app
