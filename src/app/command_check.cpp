// atonce check: which functions may not run together, why, and how to mend it.

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <thread>

#include "app/build_places.h"
#include "app/check_host.h"
#include "app/check_progress.h"
#include "app/commands.h"
#include "app/policy_file.h"
#include "app/report.h"
#include "app/script_host.h"
#include "check/report_json.h"
#include "check/report_text.h"
#include "check/sarif.h"
#include "check/script_check.h"
#include "check/tools_check.h"
#include "protocol/turn_json.h"
#include "python/gil.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

struct CheckSettings {
  ToolsSettings tools;
  std::string script;
  bool is_pytest = false;
  std::vector<std::string> arguments;  // of the script or pytest, each after a ':'
  double budget_seconds = 15;
  bool has_timeout = false;  // was given
  std::optional<fs::path> calls;
  std::optional<fs::path> sarif;
  bool includes_destructive = false;
  bool writes_policy = false;
};

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// Without leaving a file behind: what comes of it may be an error.
bool may_write(const fs::path& file) {
  std::error_code ignored;
  const bool is_there = fs::exists(fs::symlink_status(file, ignored));
  const bool is_open = std::ofstream(file, std::ios::app).is_open();
  if (is_open && !is_there) fs::remove(file, ignored);
  return is_open;
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) || fs::is_regular_file(path / "__main__.py", ignored);
}

Result<void> check_usage(const CheckSettings& settings) {
  const int subjects = (settings.tools.spec().empty() ? 0 : 1) + (settings.script.empty() ? 0 : 1) +
                       (settings.is_pytest ? 1 : 0);
  const std::string hint =
      "atonce check tools.py, atonce check --script program.py, or atonce check --pytest tests";
  if (subjects != 1) {
    return failure(ErrorCode::bad_input,
                   subjects == 0 ? "say what to check" : "only one thing can be checked at a time",
                   hint);
  }
  const bool is_for_tools = settings.writes_policy || settings.calls;
  if (is_for_tools && settings.tools.spec().empty()) {
    return failure(ErrorCode::bad_input, "--write-policy and --calls are for tools", hint);
  }
  if (!settings.script.empty() && !is_program(settings.script)) {
    return failure(ErrorCode::not_found, "there is no program `" + settings.script + "`",
                   "give --script a file, or a folder with a __main__.py");
  }
  if (settings.sarif && !may_write(*settings.sarif)) {
    return failure(ErrorCode::bad_input, "cannot write `" + settings.sarif->string() + "`",
                   "check that its folder exists and may be written to");
  }
  return {};
}

// The calls of a turn, by the names of their tools.
Result<std::map<std::string, std::vector<std::string>>> read_calls(
    const std::optional<fs::path>& file) {
  std::map<std::string, std::vector<std::string>> given;
  if (!file) return given;
  std::ifstream stream(*file, std::ios::binary);
  if (!stream) {
    return failure(ErrorCode::not_found, "cannot read the calls `" + file->string() + "`",
                   "give --calls a file of calls: [{\"name\": ..., \"args\": {...}}, ...]");
  }
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const auto plan = protocol::read_turn(text);
  if (!plan) return std::unexpected(plan.error());
  for (const call::Call& call : plan->calls) {
    given[call.name].push_back(call.arguments.empty() ? "{}" : call.arguments);
  }
  return given;
}

Result<check::Report> check_program(const CheckSettings& settings, Shell& shell,
                                    check::Sources& sources, CheckProgress& progress) {
  std::vector<std::string> arguments;
  if (!settings.is_pytest) arguments.push_back(settings.script);
  for (const std::string& each : settings.arguments) arguments.push_back(each.substr(1));
  const Duration budget = from_seconds(settings.budget_seconds);
  const check::ScriptRequest request{
      .subject = settings.is_pytest ? "pytest" : settings.script,
      .is_pytest = settings.is_pytest,
      .budget = budget,
      .limit = settings.has_timeout ? from_seconds(shell.common.timeout_seconds) : budget,
      .minds_gil = shell.common.gil != python::GilMode::on};
  ScriptProcesses host(shell.common, std::move(arguments), settings.is_pytest);
  SteadyClock clock;
  return check::check_script(request, host, clock, sources, progress);
}

Result<check::Report> check_tools(const CheckSettings& settings, Shell& shell,
                                  check::Sources& sources, CheckProgress& progress) {
  auto given = read_calls(settings.calls);
  if (!given) return std::unexpected(given.error());
  const check::ToolsRequest request{
      .subject = settings.tools.spec(),
      .budget = from_seconds(settings.budget_seconds),
      .call_limit = from_seconds(shell.common.timeout_seconds),
      .includes_destructive = settings.includes_destructive,
      .minds_gil = shell.common.gil != python::GilMode::on,
      .given = *std::move(given),
      .runs_at_once = std::min(2U, std::max(1U, std::thread::hardware_concurrency()))};
  CheckHost host(shell.common, settings.tools);
  SteadyClock clock;
  return check::check_tools(request, host, clock, sources, progress);
}

int exit_code_for(check::Verdict verdict) {
  switch (verdict) {
    case check::Verdict::clean: return kFine;
    case check::Verdict::findings: return kFailed;
    case check::Verdict::inconclusive: break;
  }
  return kNotDone;
}

void show(const check::Report& report, check::Sources& sources, Shell& shell) {
  if (shell.common.json) return shell.output.line(check::write_json(report));
  constexpr int kColumns = 100;  // where there is no terminal
  const int fd = shell.output.fd();
  const check::TextStyle style{.width = static_cast<std::size_t>(terminal_width(fd, kColumns)),
                               .colour = wants_colour(fd),
                               .root = fs::current_path().string()};
  shell.output.write(check::draw_report(report, style, sources));
}

Result<void> write_sarif_file(const check::Report& report, const fs::path& file,
                              check::Sources& sources) {
  std::ofstream stream(file, std::ios::binary);
  stream << check::write_sarif(report, fs::current_path().string(), sources) << '\n';
  stream.close();
  if (stream) return {};
  return failure(ErrorCode::bad_input, "cannot write `" + file.string() + "`");
}

Result<void> write_files(const CheckSettings& settings, const std::string& hash,
                         const check::Report& report, check::Sources& sources) {
  if (settings.sarif) {
    if (auto written = write_sarif_file(report, *settings.sarif, sources); !written) return written;
  }
  if (!settings.writes_policy) return {};
  const auto place = write_policy_file(settings.tools, hash, report);
  if (!place) return std::unexpected(place.error());
  print_note("wrote " + place->string());
  return {};
}

int run(const CheckSettings& settings, Shell& shell) {
  if (auto usage = check_usage(settings); !usage) return print_error(usage.error()), kNotDone;
  Result<std::string> hash("");
  if (settings.writes_policy)
    hash = hash_tools(settings.tools, settings.tools.spec());  // of what will be loaded
  if (!hash) return print_error(hash.error()), kNotDone;
  check::Sources sources;
  CheckProgress progress;
  auto report = settings.tools.spec().empty() ? check_program(settings, shell, sources, progress)
                                              : check_tools(settings, shell, sources, progress);
  progress.end();
  if (!report) return print_error(report.error()), kNotDone;
  report->version = kVersion;
  report->python = python::python_version() + " free-threaded";
  show(*report, sources, shell);
  if (auto written = write_files(settings, *hash, *report, sources); !written) {
    return print_error(written.error()), kNotDone;
  }
  return exit_code_for(report->verdict);
}

void add_subject(CLI::App& command, CheckSettings& settings) {
  add_tools(command, settings.tools);
  command.get_option("TOOLS")->required(false);
  command.add_option("--script", settings.script, "a program instead of tools, with its arguments")
      ->type_name("FILE [ARGS...]");
  command.add_flag("--pytest", settings.is_pytest,
                   "tests instead of tools; what follows is given to pytest");
  command.add_option("--argument", settings.arguments)->take_all()->expected(1)->group("");
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<CheckSettings>();
  CLI::App* command = app.add_subcommand(
      "check", "find the threading bugs of tools, a program or its tests: races, deadlocks");
  add_subject(*command, *settings);
  command->add_option("--budget", settings->budget_seconds, "for all of it (default: 15)")
      ->check(within(1, 86'400))
      ->type_name("SECONDS");
  command
      ->add_option("--calls", settings->calls,
                   "arguments to call the tools with, as calls: [{\"name\",\"args\"}, ...] "
                   "(default: examples in docstrings, else made up from the types)")
      ->type_name("FILE");
  command->add_flag("--include-destructive", settings->includes_destructive,
                    "call tools that are marked destructive, too");
  command->add_option("--sarif", settings->sarif, "write the findings for a code host")
      ->type_name("FILE");
  command->add_flag("--write-policy", settings->writes_policy,
                    "write NAME.atonce.json beside the tools: which may not run together");
  command->add_option("--policy", settings->tools.policy, "where to write it instead")
      ->type_name("FILE");
  command->footer(
      "Options of atonce's may stand anywhere before a `--`; all after that goes to the program or "
      "pytest.\n"
      "Exit codes: 0 clean, 1 findings, 2 it could not run or says too little.\n"
      "Example:\n"
      "  atonce check examples/meetup.py\n"
      "  atonce check --script program.py --its-option");
  command->callback([settings, command, &chosen] {
    settings->has_timeout = command->get_option("--timeout")->count() > 0;
    chosen = [settings](Shell& shell) { return run(*settings, shell); };
  });
}

}  // namespace atonce::app
