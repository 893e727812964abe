// atonce: runs the functions a model calls - all of a turn's calls at once, on Python without the
// GIL.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "app/build_places.h"
#include "app/commands.h"
#include "app/report.h"
#include "python/gil.h"

namespace atonce::app {
namespace {

std::string version_text() {
  return std::string("atonce ") + kVersion + " (Python " + python::python_version() +
         ", free-threaded)";
}

// CLI11's own words, in our form; asking for help is data, and fine.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error, Output& output) {
  if (error.get_exit_code() == 0) {
    std::ostringstream help;
    std::ostringstream errors;
    app.exit(error, help, errors);
    output.write(help.str());
    return kFine;
  }
  print_error({ErrorCode::bad_input, error.what(), "atonce --help, or atonce COMMAND --help"});
  return kNotDone;
}

int run(int argc, char** argv) {
  Output output;
  Interrupts interrupts;
  CommonSettings common;
  Command chosen;
  CLI::App app(
      "atonce runs the functions a model calls: all of a turn's calls at once, on Python without "
      "the GIL",
      "atonce");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "print this and exit");
  app.set_version_flag("--version", version_text(), "print the version and exit");
  app.footer("Example:\n  atonce ask examples/meetup.py \"Which talks are about the GIL?\"");
  for (const auto add :
       {add_arm, add_ask, add_call, add_chat, add_check, add_check_lane, add_check_script,
        add_compare, add_declare, add_doctor, add_lane, add_models, add_python, add_serve})
    add(app, chosen);
  for (CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() != "python") add_common(*command, common);
  }
  try {
    std::vector<std::string> words = mark_program_arguments(app, {argv + 1, argv + argc});
    std::ranges::reverse(words);  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, output);
  }
  Shell shell{output, interrupts, common};
  const int exit_code = chosen(shell);
  return exit_code == kFine && output.has_failed() ? kFailed : exit_code;
}

}  // namespace
}  // namespace atonce::app

int main(int argc, char** argv) {
  try {
    return atonce::app::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: atonce failed unexpectedly: %s\n", error.what());
    return atonce::app::kNotDone;
  }
}
