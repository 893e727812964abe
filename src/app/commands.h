// The commands: each adds itself to the command line and gives what to run when it is chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "app/interrupts.h"
#include "app/output.h"
#include "app/settings.h"

namespace atonce::app {

// What every command may use. Lives as long as the process.
struct Shell {
  Output& output;
  Interrupts& interrupts;
  CommonSettings& common;
};

// Runs the command with what was parsed, and returns the exit code.
using Command = std::function<int(Shell&)>;

// Adds the command to `app`; when it is chosen, `chosen` is set to what runs it.
void add_arm(CLI::App& app, Command& chosen);
void add_ask(CLI::App& app, Command& chosen);
void add_call(CLI::App& app, Command& chosen);
void add_chat(CLI::App& app, Command& chosen);
void add_check(CLI::App& app, Command& chosen);
void add_check_lane(CLI::App& app, Command& chosen);
void add_check_script(CLI::App& app, Command& chosen);
void add_compare(CLI::App& app, Command& chosen);
void add_declare(CLI::App& app, Command& chosen);
void add_doctor(CLI::App& app, Command& chosen);
void add_lane(CLI::App& app, Command& chosen);
void add_models(CLI::App& app, Command& chosen);
void add_python(CLI::App& app, Command& chosen);
void add_serve(CLI::App& app, Command& chosen);

// An option whose value is one of a few words.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Value& value,
                        std::vector<std::pair<std::string, Value>> choices,
                        const std::string& help) {
  auto choose = [&value, choices = std::move(choices)](const std::string& word) {
    std::string words;
    for (const auto& [known, meaning] : choices) {
      if (word == known) return void(value = meaning);
      words += (words.empty() ? "" : ", ") + known;
    }
    throw CLI::ValidationError("`" + word + "` is none of " + words);
  };
  return command.add_option_function<std::string>(name, choose, help);
}

// A check for numbers. The help says the unit, the error the range; what is no number is in none.
[[nodiscard]] CLI::Validator within(double least, double most);

// TOOLS, or `-m MODULE`, as positional arguments of a command.
enum class HowMany { one, several };
void add_tools(CLI::App& command, ToolsSettings& tools, HowMany how_many = HowMany::one);

// A command that atonce starts by itself to have a process that runs tools: TOOLS and --fork, and
// nothing of it in the help. It ends when its parent does.
using ServeParent = std::function<int(const ToolsSettings& tools, bool is_forking, Shell& shell)>;
void add_child(CLI::App& app, Command& chosen, const std::string& name, const std::string& help,
               ServeParent serve);

// --policy and --check-policy, of the commands that run tools for a model or a person.
void add_policy(CLI::App& command, ToolsSettings& tools);

// The command line, with what belongs to the program of `atonce check --script` or to pytest marked
// so that it is not read as options of atonce's. `app` must have its commands and their options.
[[nodiscard]] std::vector<std::string> mark_program_arguments(const CLI::App& app,
                                                              std::vector<std::string> words);

// The options that every command takes.
void add_common(CLI::App& command, CommonSettings& common);

}  // namespace atonce::app
