// Commands that atonce starts by itself, to have a process that runs tools for it.

#include <csignal>
#include <memory>
#include <utility>

#include "app/commands.h"
#include "process/fork_loop.h"
#include "process/frame.h"
#include "process/lane_server.h"

namespace atonce::app {
namespace {

// A process that forks may have no thread beside its own: it would not be in the children.
void end_with_parent(bool is_forking, Shell& shell) {
  if (!is_forking) return process::live_no_longer_than_parent(process::kSocket);
  shell.interrupts.give_back();
  std::signal(SIGPIPE, SIG_IGN);
  process::die_with_parent();
}

}  // namespace

void add_child(CLI::App& app, Command& chosen, const std::string& name, const std::string& help,
               ServeParent serve) {
  auto tools = std::make_shared<ToolsSettings>();
  CLI::App* command = app.add_subcommand(name, help);
  command->group("");  // not listed
  add_tools(*command, *tools, HowMany::several);
  auto is_forking = std::make_shared<bool>(false);
  command->add_flag("--fork", *is_forking, "fork a process for each socket that is handed over");
  command->callback([tools, is_forking, serve = std::move(serve), &chosen] {
    chosen = [tools, is_forking, serve](Shell& shell) {
      end_with_parent(*is_forking, shell);
      return serve(*tools, *is_forking, shell);
    };
  });
}

}  // namespace atonce::app
