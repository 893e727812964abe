// atonce compare: one function, run one after another, in threads with and without the GIL, in
// processes: what is gained, what it costs, and why.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "app/arm_hosts.h"
#include "app/build_places.h"
#include "app/commands.h"
#include "app/compare_progress.h"
#include "app/random.h"
#include "app/report.h"
#include "app/subprocess.h"
#include "app/tools_host.h"
#include "base/json.h"
#include "base/text.h"
#include "compare/comparison.h"
#include "compare/machine.h"
#include "compare/page.h"
#include "compare/report_json.h"
#include "compare/table.h"
#include "python/gil.h"
#include "python/probe.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct CompareSettings {
  ToolsSettings tools;
  std::string target;  // TOOLS::NAME
  std::vector<std::string> arguments;
  std::size_t calls = 0;
  double budget_seconds = 30;
  std::optional<fs::path> html;
  std::optional<fs::path> ordinary;
  bool includes_destructive = false;
};

// What is compared, as the tools file tells it.
struct Subject {
  std::string name = {};
  std::vector<std::string> arguments = {};
  std::vector<std::string> pickles = {};
  std::string pickle_trouble = {};
  bool are_arguments_generated = false;
  std::string policy = {};
  std::vector<std::string> shared_names = {};
};

Result<std::string> split_target(const std::string& target, ToolsSettings& tools) {
  const std::size_t at = target.rfind("::");
  if (at == std::string::npos || at == 0 || at + 2 == target.size()) {
    return failure(ErrorCode::bad_input, "`" + target + "` does not say which function to compare",
                   "write TOOLS::NAME: atonce compare examples/meetup.py::find_similar_talks");
  }
  tools.specs = {target.substr(0, at)};
  return target.substr(at + 2);
}

std::string policy_of(const call::ToolSpec& spec) {
  if (!spec.policy.serial_group.empty()) {
    return "its serial group `" + spec.policy.serial_group + "`";
  }
  if (spec.policy.max_concurrency) {
    return fmt::format("its max_concurrency of {}", *spec.policy.max_concurrency);
  }
  if (spec.is_async) return "that it is async: all such calls share the thread of one event loop";
  return "";
}

Result<std::size_t> find_tool(const python::Toolset& toolset, const CompareSettings& settings,
                              const std::string& name) {
  const auto specs = toolset.specs();
  const auto found = std::ranges::find(specs, name, &call::ToolSpec::name);
  if (found == specs.end()) {
    std::string names;
    for (const call::ToolSpec& spec : specs) names += (names.empty() ? "" : ", ") + spec.name;
    return failure(ErrorCode::not_found,
                   "`" + settings.tools.spec() + "` has no tool `" + name + "`",
                   "it has: " + names);
  }
  if (found->policy.is_destructive && !settings.includes_destructive) {
    return failure(ErrorCode::bad_input,
                   "`" + name + "` is marked destructive and would be called thousands of times",
                   "if it may be, add --include-destructive");
  }
  return static_cast<std::size_t>(found - specs.begin());
}

// The arguments given, or some made up from the schema; checked before anything is measured.
Result<void> add_arguments(const python::Probe& probe, std::size_t tool,
                           const CompareSettings& settings, Subject& subject) {
  subject.arguments = settings.arguments;
  if (subject.arguments.empty()) {
    auto sample = probe.sample_arguments(tool);
    if (!sample) return std::unexpected(sample.error());
    subject.arguments.push_back(*std::move(sample));
    subject.are_arguments_generated = true;
  }
  for (const std::string& arguments : subject.arguments) {
    if (auto fits = probe.check_arguments(tool, arguments); !fits) return fits;
    auto pickle = probe.pickle_arguments(tool, arguments);
    if (pickle) {
      subject.pickles.push_back(*std::move(pickle));
    } else {
      subject.pickle_trouble = pickle.error().message;
    }
  }
  return {};
}

// Looks at the tools in this process, which does not measure, and leaves Python again.
Result<Subject> examine(const CompareSettings& settings, const std::string& name, Shell& shell) {
  const Places places = find_places();
  const auto options = load_options(shell.common, settings.tools, places);
  if (!options) return std::unexpected(options.error());
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return std::unexpected(interpreter.error());
  (*interpreter)->abandon();  // a thread of the tools' own may never end
  auto toolset = python::Toolset::load(**interpreter, *options);
  shell.interrupts.claim();
  if (!toolset) return std::unexpected(toolset.error());
  const auto tool = find_tool(**toolset, settings, name);
  if (!tool) return std::unexpected(tool.error());
  Subject subject{.name = name, .policy = policy_of((*toolset)->specs()[*tool])};
  const python::Probe probe(**interpreter, **toolset);
  if (auto added = add_arguments(probe, *tool, settings, subject); !added) {
    return std::unexpected(added.error());
  }
  subject.shared_names = probe.shared_candidates(*tool).value_or(std::vector<std::string>{});
  return subject;
}

std::string quoted_word(const std::string& word) {
  const bool is_plain = word.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=-") == std::string::npos &&
                        !word.empty();
  if (is_plain) return word;
  std::string quoted = "'";
  for (const char each : word) quoted += each == '\'' ? std::string("'\\''") : std::string(1, each);
  return quoted + "'";
}

// What makes the same comparison again, with the arguments that were made up written out.
std::string command_to_repeat(const CompareSettings& settings, const Subject& subject,
                              const CommonSettings& common) {
  std::string command = "atonce compare ";
  if (settings.tools.is_module) command += "-m ";
  command += quoted_word(settings.target);
  for (const std::string& each : subject.arguments) command += " --args " + quoted_word(each);
  if (settings.calls > 0) command += fmt::format(" --calls {}", settings.calls);
  command += fmt::format(" --budget {:g}", settings.budget_seconds);
  if (settings.ordinary) command += " --python " + quoted_word(settings.ordinary->string());
  if (common.gil == python::GilMode::off) command += " --gil off";
  if (settings.includes_destructive) command += " --include-destructive";
  return command;
}

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

compare::Request request_for(const CompareSettings& settings, Subject subject,
                             const CommonSettings& common) {
  const std::size_t cores = compare::usable_cores();
  return {.function = settings.target,
          .arguments = std::move(subject.arguments),
          .pickles = std::move(subject.pickles),
          .pickle_trouble = std::move(subject.pickle_trouble),
          .are_arguments_generated = subject.are_arguments_generated,
          .arms = compare::arms_for({.cores = cores,
                                     .has_subinterpreters = true,
                                     .has_fork = true,
                                     .has_ordinary = settings.ordinary.has_value()}),
          .cores = cores,
          .calls = settings.calls > 0 ? std::optional(settings.calls) : std::nullopt,
          .budget = from_seconds(settings.budget_seconds),
          .call_limit = from_seconds(common.timeout_seconds),
          .policy = std::move(subject.policy),
          .shared_names = std::move(subject.shared_names)};
}

// Libraries of linear algebra start threads of their own, which would be measured with ours.
void hold_libraries_to_one_thread() {
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) {
    setenv(name, "1", 0);
  }
}

std::unexpected<Error> no_page(const fs::path& file) {
  return failure(ErrorCode::bad_input, "cannot write the page `" + file.string() + "`",
                 "check that its folder exists and may be written to");
}

Result<void> write_html(const compare::Report& report, const fs::path& file) {
  std::ofstream stream(file, std::ios::binary);
  stream << compare::write_page(report);
  stream.close();
  if (!stream) return no_page(file);
  return {};
}

// What would otherwise be found out when all has been measured.
Result<void> check_places(const CompareSettings& settings) {
  if (settings.html && !std::ofstream(*settings.html, std::ios::app)) {
    return no_page(*settings.html);
  }
  if (!settings.ordinary) return {};
  const auto asked = run_and_catch({settings.ordinary->string(), "-c", "print(0)"}, 30s);
  if (asked.exit_code == 0 && trimmed(asked.output) == "0") return {};
  return failure(ErrorCode::not_found,
                 "cannot run the Python `" + settings.ordinary->string() + "`",
                 "give --python the path of an interpreter, or a name that is on PATH: python3");
}

int show(const compare::Report& report, const CompareSettings& settings, Shell& shell) {
  if (shell.common.json) {
    shell.output.line(compare::write_json(report));
  } else {
    shell.output.write(compare::draw_table(report, table_style(shell.output.fd())));
  }
  if (settings.html) {
    if (auto written = write_html(report, *settings.html); !written) {
      return print_error(written.error()), kFailed;
    }
  }
  const bool has_figures = std::ranges::any_of(
      report.arms, [](const compare::ArmReport& arm) { return arm.seconds.has_value(); });
  return has_figures ? kFine : kFailed;
}

int run(const CompareSettings& given, Shell& shell) {
  CompareSettings settings = given;
  const auto name = split_target(settings.target, settings.tools);
  if (!name) return print_error(name.error()), kNotDone;
  if (auto checked = check_places(settings); !checked) {
    return print_error(checked.error()), kNotDone;
  }
  auto subject = examine(settings, *name, shell);
  if (!subject) return print_error(subject.error()), exit_code_of(subject.error());
  hold_libraries_to_one_thread();
  const std::string command = command_to_repeat(settings, *subject, shell.common);
  ArmHosts hosts(shell.common, settings.tools, *name, settings.ordinary);
  SteadyClock clock;
  CompareProgress progress(settings.budget_seconds);
  compare::Comparison comparison(request_for(settings, *std::move(subject), shell.common), hosts,
                                 clock, random_numbers(), progress);
  compare::Report report = comparison.run();
  progress.end();
  report.machine.atonce = kVersion;
  report.command = command;
  return show(report, settings, shell);
}

}  // namespace

void add_compare(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<CompareSettings>();
  CLI::App* command = app.add_subcommand(
      "compare", "measure a function in threads with and without the GIL, and in processes");
  command->add_option("TOOLS::NAME", settings->target, "the tools, and the one to measure")
      ->required()
      ->type_name("");
  command->add_flag("-m", settings->tools.is_module, "TOOLS is a module's name");
  command
      ->add_option("--args", settings->arguments,
                   "the arguments of a call; given several times, they take turns (default: made "
                   "up from the types)")
      ->type_name("JSON");
  command->add_option("--calls", settings->calls, "calls in a round (default: as time allows)")
      ->check(within(1, 20'000))
      ->type_name("N");
  command->add_option("--budget", settings->budget_seconds, "for all of it (default: 30)")
      ->check(within(2, 86'400))
      ->type_name("SECONDS");
  command
      ->add_option("--python", settings->ordinary,
                   "an ordinary Python to compare with: python3, or a path")
      ->type_name("PATH");
  command->add_option("--html", settings->html, "write a page with the plots")->type_name("FILE");
  command->add_flag("--include-destructive", settings->includes_destructive,
                    "measure it even if it is marked destructive");
  command->footer(
      "Example:\n  atonce compare examples/meetup.py::find_similar_talks --html compare.html");
  command->callback(
      [settings, &chosen] { chosen = [settings](Shell& shell) { return run(*settings, shell); }; });
}

}  // namespace atonce::app
