// atonce check-script: a process in which `atonce check` runs a program once. Not for people.

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "base/json.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/check.h"

namespace atonce::app {
namespace {

struct ScriptSettings {
  std::vector<std::string> arguments;  // the file and what it is given
  bool is_pytest = false;
  std::uint64_t seed = 0;
  bool is_calm = false;
  std::string delays = "[]";  // see check::write_waits()
};

// What it cannot even begin with; see check::ScriptFacts.
int refuse(const Error& error) {
  json::Writer writer;
  const std::string text =
      error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
  writer.begin_object().key("end").begin_object().key("error").string(text);
  writer.end_object().end_object();
  const std::string line = writer.take() + "\n";
  static_cast<void>(!write(process::kSocket, line.data(), line.size()));
  return kNotDone;
}

void end_with_parent() {
  if (getpgrp() == getpid()) return process::die_with_parent();
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // the group is the terminal's, with others in it
}

Result<int> run_program(const ScriptSettings& settings, Shell& shell) {
  const Places places = find_places();
  const std::string file = settings.is_pytest ? "." : settings.arguments.front();
  const auto venv = find_venv(shell.common, file, places);
  if (!venv) return std::unexpected(venv.error());
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return std::unexpected(interpreter.error());
  (*interpreter)->abandon();
  python::CheckedProgram program{.arguments = settings.arguments,
                                 .is_pytest = settings.is_pytest,
                                 .sink = process::kSocket,
                                 .seed = settings.seed,
                                 .perturbs = !settings.is_calm,
                                 .delays = settings.delays,
                                 .own_packages = places.own_packages};
  if (*venv) program.user_packages = packages_of(**venv);
  const auto code = python::run_checked_program(**interpreter, program);
  if (!code) return std::unexpected(code.error());
  std::fflush(nullptr);
  _exit(*code);
}

int serve(const ScriptSettings& settings, Shell& shell) {
  shell.interrupts.give_back();
  end_with_parent();
  fcntl(process::kSocket, F_SETFD, FD_CLOEXEC);  // not for what the program starts
  if (settings.arguments.empty() && !settings.is_pytest) {
    return refuse({ErrorCode::bad_input, "there is no program to run"});
  }
  const auto code = run_program(settings, shell);
  return code ? *code : refuse(code.error());
}

}  // namespace

void add_check_script(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<ScriptSettings>();
  CLI::App* command =
      app.add_subcommand("check-script", "run a program for the one that started this");
  command->group("");  // not listed
  command->add_option("ARGUMENTS", settings->arguments);
  command->add_flag("--pytest", settings->is_pytest);
  command->add_option("--seed", settings->seed);
  command->add_flag("--calm", settings->is_calm);
  command->add_option("--delays", settings->delays);
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return serve(*settings, shell); };
  });
}

}  // namespace atonce::app
