// One line per event on standard error: `level time component key=value ...`.
//
// Passed in where it is needed, never a global. Arguments and results of calls are not logged.
// Thread safety: write() may be called from any thread; lines never mix.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace atonce {

enum class LogLevel { debug, info, warning, error, off };

// "debug", "info", "warning", "error" or "off". Errors: bad_input.
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view name);

class Log final {
 public:
  struct Field {
    std::string_view key;
    std::string value;
  };

  explicit Log(LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool is_on(LogLevel level) const { return level >= least_; }
  void write(LogLevel level, std::string_view component, std::initializer_list<Field> fields);

 private:
  struct Impl;
  const LogLevel least_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atonce
