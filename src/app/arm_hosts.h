// The processes in which compare::Comparison measures: `atonce arm` for what runs in the Python
// inside, python/atonce/_ordinary in the Python of --python for the rest.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/settings.h"
#include "compare/host.h"
#include "process/child.h"

namespace atonce::app {

class ArmHosts final : public compare::HostMaker {
 public:
  // `common` and `tools` must outlive it. `tool` is the name of the one that is measured;
  // `ordinary` the interpreter of the ordinary arms.
  ArmHosts(const CommonSettings& common, const ToolsSettings& tools, std::string tool,
           std::optional<std::filesystem::path> ordinary);

  // To be called on one thread, whose end is that of the hosts.
  [[nodiscard]] Result<std::unique_ptr<compare::Host>> open(const compare::HostOrder& order,
                                                            Duration limit) override;

 private:
  [[nodiscard]] process::CommandLine command_for(const compare::HostOrder& order) const;
  [[nodiscard]] process::CommandLine ordinary_command(const compare::Arm& arm) const;

  const CommonSettings& common_;
  const ToolsSettings& tools_;
  const std::string tool_;
  const std::optional<std::filesystem::path> ordinary_;
};

}  // namespace atonce::app
