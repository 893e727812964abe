#include "app/approval.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "app/report.h"

namespace atonce::app {
namespace {

constexpr int kLookMs = 100;  // how soon Ctrl-C is noticed

// A line of standard input; empty when it ends or the person interrupts.
std::string read_line(const Interrupts& interrupts) {
  std::string line;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (!interrupts.was_interrupted()) {
    if (poll(&input, 1, kLookMs) <= 0) continue;
    char letter = 0;
    if (read(STDIN_FILENO, &letter, 1) != 1 || letter == '\n') return line;
    line += letter;
  }
  return {};
}

}  // namespace

bool ask_approval(const call::Call& call, const Interrupts& interrupts) {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    print_warning("`" + call.name +
                  "` needs approval and there is no terminal to ask on: declined (--yes approves)");
    return false;
  }
  std::fprintf(stderr, "%s(%s)\nrun it? [y/N] ", call.name.c_str(), call.arguments.c_str());
  std::fflush(stderr);
  const std::string answer = read_line(interrupts);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace atonce::app
