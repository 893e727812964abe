// Errors as values: what fails outside our own code comes back as `Result<T>`.
//
// Three kinds of failure are never mixed (CONTRIBUTING.md): something outside failed (this file),
// the user's function raised (the value call::Raised), and a bug of ours (ATONCE_CHECK below).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace atonce {

enum class ErrorCode {
  bad_input,     // what the person or peer gave cannot be used
  not_found,     // a file, tool, model or address that does not exist
  bad_tools,     // the tools file fails to import or declares what cannot be called
  overloaded,    // a bounded queue is full; nothing was started, retry later
  unauthorized,  // a key or token is missing or refused
  refused,       // the peer understood and said no
  unavailable,   // the peer cannot be reached or cannot answer now; retrying may help
  timed_out,     // the peer did not answer within the time given
  bad_response,  // the peer answered with something that is not its protocol
  cancelled,     // the caller gave up first
  internal,      // an unexpected exception, caught at a thread's entry point
};

// The code's name as it is written above.
[[nodiscard]] std::string_view name_of(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;    // what failed, with the value
  std::string hint = {};  // what to do next; may be empty

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(ErrorCode code, std::string message,
                                                    std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(hint)});
}

namespace base {
[[noreturn]] void abort_on_bug(const char* condition, const char* expectation, const char* file,
                               int line);
}

}  // namespace atonce

// Prints both texts and aborts. For bugs of ours only: no input may reach it.
#define ATONCE_CHECK(condition, expectation) \
  ((condition) ? void() : ::atonce::base::abort_on_bug(#condition, expectation, __FILE__, __LINE__))
