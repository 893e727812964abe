#include "app/arm_hosts.h"

#include <utility>
#include <vector>

#include "app/memory_file.h"
#include "app/tools_host.h"
#include "base/json.h"
#include "base/text.h"

namespace atonce::app {
namespace {

using compare::HostFacts;
using process::Child;
using process::FrameKind;

Duration nanoseconds_in(const json::View& facts, std::string_view name) {
  const auto member = facts.find(name);
  return Duration(member ? member->as_int64().value_or(0) : 0);
}

// The JSON that follows the version in a `ready` frame.
Result<HostFacts> read_facts(const std::vector<std::string>& fields) {
  const auto document = json::Document::parse(fields.empty() ? "" : fields.front());
  if (!document) {
    return failure(ErrorCode::bad_response, "the measuring process does not say what it is");
  }
  const json::View root = document->root();
  HostFacts facts{.startup = nanoseconds_in(root, "startup_ns"),
                  .dispatch = nanoseconds_in(root, "dispatch_ns")};
  if (const auto python = root.find("python")) facts.python = python->as_string().value_or("");
  if (const auto gil = root.find("is_gil_on")) facts.is_gil_on = gil->as_bool().value_or(false);
  if (const auto enablers = root.find("gil_enablers")) {
    for (const json::View& each : enablers->items()) {
      facts.gil_enablers.emplace_back(each.as_string().value_or(""));
    }
  }
  return facts;
}

Result<std::vector<compare::CopyCost>> read_copies(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document) return std::unexpected(document.error());
  std::vector<compare::CopyCost> costs;
  const auto copies = document->root().find("copy");
  if (!copies) return costs;
  for (const json::View& each : copies->items()) {
    const auto pair = each.items();
    if (pair.size() != 2) continue;
    costs.push_back({.bytes = pair[0].as_double().value_or(0),
                     .seconds = pair[1].as_double().value_or(0) / 1e9});
  }
  return costs;
}

std::string copy_order(const std::vector<std::size_t>& sizes) {
  json::Writer writer;
  writer.begin_object().key("copy").begin_array();
  for (const std::size_t size : sizes) writer.integer(static_cast<std::int64_t>(size));
  writer.end_array().end_object();
  return writer.take();
}

class ArmHost final : public compare::Host {
 public:
  ArmHost(std::unique_ptr<MemoryFile> printed, std::unique_ptr<Child> child, HostFacts facts)
      : printed_(std::move(printed)),
        child_(std::move(child)),
        facts_(std::move(facts)),
        printed_before_(printed_->bytes()) {}

  [[nodiscard]] const HostFacts& facts() const override { return facts_; }

  [[nodiscard]] Result<compare::Round> run(const compare::RoundOrder& order,
                                           Duration limit) override {
    const auto answer = ask(compare::write_round_order(order), limit);
    if (!answer) return std::unexpected(answer.error());
    return compare::read_round(*answer);
  }

  [[nodiscard]] Result<std::vector<compare::CopyCost>> copy(const std::vector<std::size_t>& sizes,
                                                            Duration limit) override {
    const auto answer = ask(copy_order(sizes), limit);
    if (!answer) return std::unexpected(answer.error());
    return read_copies(*answer);
  }

  [[nodiscard]] compare::Usage usage() const override { return compare::read_usage(child_->pid()); }
  [[nodiscard]] std::size_t memory() const override { return compare::read_memory(child_->pid()); }
  [[nodiscard]] std::size_t printed_bytes() const override {
    return printed_->bytes() - printed_before_;
  }

 private:
  [[nodiscard]] Result<std::string> ask(const std::string& question, Duration limit) {
    auto answer =
        child_->ask(FrameKind::measure, {question}, std::chrono::steady_clock::now() + limit);
    if (!answer) {
      Error error = answer.error();
      if (const std::string words = printed_->last_words(); !words.empty()) {
        error.message += ": " + words;
      }
      return std::unexpected(std::move(error));
    }
    if (answer->kind != FrameKind::measured || answer->fields.size() != 1) {
      return failure(ErrorCode::bad_response, "the measuring process gave no answer to that");
    }
    return std::move(answer->fields.front());
  }

  const std::unique_ptr<MemoryFile> printed_;
  const std::unique_ptr<Child> child_;
  const HostFacts facts_;
  const std::size_t printed_before_;  // while the tools were loaded
};

python::GilMode gil_of(const CommonSettings& common, compare::ArmKind kind) {
  return kind == compare::ArmKind::threads_gil ? python::GilMode::on : common.gil;
}

}  // namespace

ArmHosts::ArmHosts(const CommonSettings& common, const ToolsSettings& tools, std::string tool,
                   std::optional<std::filesystem::path> ordinary)
    : common_(common), tools_(tools), tool_(std::move(tool)), ordinary_(std::move(ordinary)) {}

Result<std::unique_ptr<compare::Host>> ArmHosts::open(const compare::HostOrder& order,
                                                      Duration limit) {
  auto printed = std::make_unique<MemoryFile>("printed");
  auto child = Child::start(command_for(order), printed->fd());
  if (!child) return std::unexpected(child.error());
  auto ready = (*child)->wait_until_ready(std::chrono::steady_clock::now() + limit);
  if (!ready) {
    Error error = ready.error();
    if (const std::string words = printed->last_words(); !words.empty()) {
      error.message += ": " + words;
    }
    return std::unexpected(std::move(error));
  }
  auto facts = read_facts((*child)->ready_fields());
  if (!facts) return std::unexpected(facts.error());
  return std::make_unique<ArmHost>(std::move(printed), *std::move(child), *std::move(facts));
}

process::CommandLine ArmHosts::command_for(const compare::HostOrder& order) const {
  if (is_ordinary(order.arm.kind)) return ordinary_command(order.arm);
  CommonSettings common = common_;
  common.gil = gil_of(common_, order.arm.kind);
  CommandOptions options{"--kind",    std::string(name_of(order.arm.kind)),
                         "--workers", std::to_string(order.arm.workers),
                         "--tool",    tool_};
  if (order.watches_locks) options.emplace_back("--watch-locks");
  if (order.private_names) {
    options.emplace_back("--private-copies");
    for (const std::string& name : *order.private_names) {
      options.insert(options.end(), {"--private-name", name});
    }
  }
  return own_command("arm", common, tools_, std::move(options));
}

process::CommandLine ArmHosts::ordinary_command(const compare::Arm& arm) const {
  const auto mode = std::string(name_of(arm.kind)).substr(std::string_view("python_").size());
  const auto package = find_places().package;
  process::CommandLine command{*ordinary_,  (package / "atonce" / "_ordinary").string(),
                               "--mode",    mode,
                               "--workers", std::to_string(arm.workers),
                               "--package", package.string(),
                               "--tool",    tool_};
  if (tools_.is_module) command.emplace_back("-m");
  command.insert(command.end(), {"--", tools_.spec()});
  return command;
}

}  // namespace atonce::app
