// The processes in which `atonce check` runs tools: `atonce check-lane`, which loads them once and
// is forked for each run. Where it cannot be forked, because the tools have started threads, one is
// started for each run instead.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/orphans.h"
#include "app/output_tail.h"
#include "app/settings.h"
#include "app/tools_host.h"
#include "check/host.h"
#include "process/child.h"
#include "process/fork_server.h"

namespace atonce::app {

// Thread safety: as check::ToolsHost. The thread that opens it must live as long as it does.
class CheckHost final : public check::ToolsHost {
 public:
  // Both must outlive it.
  CheckHost(const CommonSettings& common, const ToolsSettings& tools);

  [[nodiscard]] Result<check::ToolsFacts> open(
      const std::map<std::string, std::vector<std::string>>& given, Duration limit) override;
  [[nodiscard]] check::RunEnd run(const check::RunOrder& order, Duration limit) override;

 private:
  [[nodiscard]] process::CommandLine command(CommandOptions options = {}) const;
  [[nodiscard]] Result<std::unique_ptr<process::Child>> start_child() const;
  [[nodiscard]] Result<std::unique_ptr<process::Child>> start_first_child(Time deadline);
  [[nodiscard]] Error explain(Error error, const std::string& doing, Duration limit);

  const CommonSettings& common_;
  const ToolsSettings& tools_;
  OutputTail printed_;  // by the tools
  Orphans orphans_;     // of the tools' processes; ended after all that run tools
  Duration start_limit_{};
  std::shared_ptr<process::ForkServer> server_;  // null: children are started
};

}  // namespace atonce::app
