// Words for people, on standard error.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace atonce::app {

// Exit codes of every command.
inline constexpr int kFine = 0;
inline constexpr int kFailed = 1;   // the thing asked for failed
inline constexpr int kNotDone = 2;  // wrong usage, or it could not run

// "error: ...", a blank line, "hint: ...".
void print_error(const Error& error);
void print_warning(std::string_view text);
void print_note(std::string_view text);

// The exit code for an error: kNotDone for what the person can mend on the command line or in the
// tools file, kFailed for the rest.
[[nodiscard]] int exit_code_of(const Error& error);

}  // namespace atonce::app
