// The processes in which `atonce check` runs a program: `atonce check-script`, one for each run.
#pragma once

#include <string>
#include <vector>

#include "app/orphans.h"
#include "app/settings.h"
#include "check/script_check.h"

namespace atonce::app {

// Thread safety: one thread, whose end is that of the program's processes.
class ScriptProcesses final : public check::ScriptHost {
 public:
  // `common` must outlive it. `arguments`: the file and what it is given, or what pytest is given.
  ScriptProcesses(const CommonSettings& common, std::vector<std::string> arguments, bool is_pytest);

  // The first run reads this process's input and prints where it prints. What the others print is
  // thrown away; they read the same input when it is a file, and else none.
  [[nodiscard]] Result<check::ScriptRun> run(const check::ScriptOrder& order,
                                             Duration limit) override;

 private:
  [[nodiscard]] std::vector<std::string> command_for(const check::ScriptOrder& order) const;

  const CommonSettings& common_;
  const std::vector<std::string> arguments_;
  const bool is_pytest_;
  bool is_first_ = true;
  Orphans orphans_;  // of the program's processes
};

}  // namespace atonce::app
