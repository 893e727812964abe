// Lines that a person types: edited, with a history that outlives the program, where standard input
// is a terminal; read as they come where it is not.
//
// Thread safety: one thread; one editor at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/interrupts.h"

namespace atonce::app {

class LineEditor final {
 public:
  enum class Got { line, interrupted, end };

  // `history` is where lines are kept, readable by their owner only. `interrupts` must outlive it.
  LineEditor(std::filesystem::path history, Interrupts& interrupts);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The next line, without its line break, prompted for on standard error. `interrupted` when the
  // person pressed Ctrl-C instead; `end` at the end of the input or after Ctrl-D on an empty line.
  [[nodiscard]] Got read(const std::string& prompt, std::string& line);

 private:
  class Terminal;
  Interrupts& interrupts_;
  std::unique_ptr<Terminal> terminal_;  // null where standard input is none
};

}  // namespace atonce::app
