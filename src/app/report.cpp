#include "app/report.h"

#include <unistd.h>

#include <cstdio>

#include "app/output.h"

namespace atonce::app {
namespace {

void print(std::string_view colour, std::string_view label, std::string_view text) {
  const bool in_colour = wants_colour(STDERR_FILENO);
  std::string line;
  line.append(in_colour ? colour : "").append(label).append(in_colour ? "\033[0m" : "");
  line.append(text).append("\n");
  std::fputs(line.c_str(), stderr);
}

}  // namespace

void print_error(const Error& error) {
  print("\033[31m", "error: ", error.message);
  if (!error.hint.empty()) print("\033[36m", "\nhint: ", error.hint);
}

void print_warning(std::string_view text) { print("\033[33m", "warning: ", text); }

void print_note(std::string_view text) { print("", "", text); }

int exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::bad_input:
    case ErrorCode::not_found:
    case ErrorCode::bad_tools:
    case ErrorCode::internal: return kNotDone;
    default: return kFailed;
  }
}

}  // namespace atonce::app
