// The options that every command takes, and how they are checked.

#include <fmt/format.h>

#include "app/commands.h"

namespace atonce::app {
namespace {

// Turns a parser of ours into a check of CLI11's.
template <typename Value>
auto into(Value& value, Result<Value> (*parse)(std::string_view)) {
  return [&value, parse](const std::string& text) {
    auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(parsed.error().message + "; " + parsed.error().hint);
    value = *parsed;
  };
}

}  // namespace

CLI::Validator within(double least, double most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        double value = 0;
        const bool is_number = CLI::detail::lexical_cast(text, value);
        if (is_number && value >= least && value <= most) return {};
        return fmt::format("{} is not between {:g} and {:g}", text, least, most);
      },
      "");
}

void add_tools(CLI::App& command, ToolsSettings& tools, HowMany how_many) {
  const std::string help = "the tools: file.py, file.py:object, a directory, or a module after -m";
  CLI::Option* const option =
      how_many == HowMany::several
          ? command.add_option("TOOLS", tools.specs, help)
          : command.add_option_function<std::string>(
                "TOOLS", [&tools](const std::string& spec) { tools.specs = {spec}; }, help);
  option->required()->type_name("");
  command.add_flag("-m", tools.is_module, "TOOLS is a module's name");
  command.add_flag("--strict", tools.is_strict,
                   "declare what OpenAI can hold a model to; null then means an absent argument");
}

void add_policy(CLI::App& command, ToolsSettings& tools) {
  command
      .add_option("--policy", tools.policy,
                  "which tools may not run together (default: NAME.atonce.json beside NAME.py)")
      ->type_name("FILE");
  command.add_flag("--check-policy", tools.requires_check,
                   "refuse tools that have not passed atonce check as they are now");
}

void add_common(CLI::App& command, CommonSettings& common) {
  auto add = [&command](CLI::Option* option, const char* value) {
    option->type_name(value)->group("Options of every command");
  };
  add(command.add_flag("--json", common.json, "print one JSON document"), "");
  add(command.add_option_function<std::string>(
          "--gil", into(common.gil, python::parse_gil_mode),
          "auto (default: off, until a module that needs it is imported), on or off"),
      "MODE");
  add(command.add_flag("--require-no-gil", common.requires_no_gil,
                       "refuse tools whose imports turn the GIL on"),
      "");
  add(command.add_option("--timeout", common.timeout_seconds, "of a call (default: 60)")
          ->check(within(0.001, 86'400)),
      "SECONDS");
  add(command
          .add_option("--max-threads", common.max_threads, "for calls that block (default: 256)")
          ->check(within(1, 4'096)),
      "N");
  add(command.add_option("--venv", common.venv,
                         "the virtual environment whose packages the tools see"),
      "FOLDER");
  add(command
          .add_option_function<std::string>(
              "--env-file",
              [](const std::string& file) {
                if (auto done = read_env_file(file); !done) {
                  throw CLI::ValidationError(done.error().message + "; " + done.error().hint);
                }
              },
              "KEY=VALUE lines for the environment; what is set already stays")
          ->trigger_on_parse(),
      "FILE");
  add(command.add_option_function<std::string>("--log-level",
                                               into(common.log_level, parse_log_level),
                                               "debug, info, warning (default), error or off"),
      "LEVEL");
}

}  // namespace atonce::app
