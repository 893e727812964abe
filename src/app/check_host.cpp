#include "app/check_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/memory_file.h"
#include "base/json.h"
#include "check/fields.h"

namespace atonce::app {
namespace {

using check::RunEnd;
using check::ToolFacts;
using check::ToolsFacts;
using process::Child;
using process::FrameKind;

constexpr std::size_t kArgumentSets = 8;  // for each tool
constexpr std::size_t kJournalBytes = std::size_t{4} << 20;

std::string write_question(const std::map<std::string, std::vector<std::string>>& given) {
  json::Writer writer;
  writer.begin_object().key("describe").begin_object();
  writer.key("count").integer(kArgumentSets).key("given").begin_object();
  for (const auto& [name, arguments] : given) {
    check::write_texts(writer.key(name), arguments);
  }
  writer.end_object().end_object().end_object();
  return writer.take();
}

ToolFacts read_tool(const json::View& tool) {
  ToolFacts facts{.name = check::text_in(tool, "name"),
                  .is_destructive = check::flag_in(tool, "is_destructive"),
                  .is_isolated = check::flag_in(tool, "is_isolated"),
                  .serial_group = check::text_in(tool, "serial_group"),
                  .arguments = check::texts_in(tool, "arguments"),
                  .trouble = check::text_in(tool, "trouble")};
  if (const auto most = check::number_in(tool, "max_concurrency"); most > 0) {
    facts.max_concurrency = static_cast<std::size_t>(most);
  }
  return facts;
}

Result<ToolsFacts> read_facts(const std::string& text) {
  const auto document = json::Document::parse(text);
  const auto tools = document ? document->root().find("tools") : std::nullopt;
  if (!tools) return failure(ErrorCode::bad_response, "the process does not say what tools it has");
  ToolsFacts facts{.gil_enablers = check::texts_in(document->root(), "gil_enablers"),
                   .extensions = check::texts_in(document->root(), "extensions"),
                   .warnings = check::texts_in(document->root(), "warnings")};
  for (const json::View& tool : tools->items()) facts.tools.push_back(read_tool(tool));
  return facts;
}

// Calls that a person wrote down are all to be made.
Result<void> check_given(const std::map<std::string, std::vector<std::string>>& given,
                         const ToolsFacts& facts) {
  for (const auto& [name, arguments] : given) {
    const auto tool = std::ranges::find(facts.tools, name, &ToolFacts::name);
    if (tool == facts.tools.end()) {
      return failure(ErrorCode::bad_input,
                     "a call in the file of --calls is of no tool: `" + name + "`",
                     "atonce declare lists the tools' names");
    }
    if (!tool->trouble.empty()) {
      return failure(ErrorCode::bad_input, "`" + name + "`: " + tool->trouble,
                     "mend that call in the file of --calls");
    }
  }
  return {};
}

// The run's own answer, and what only the process knows.
Result<check::Run> read_answer(const process::Frame& frame) {
  if (frame.kind != FrameKind::measured || frame.fields.size() != 2) {
    return failure(ErrorCode::bad_response, "its process gave no answer to that");
  }
  auto run = check::read_run(frame.fields[0]);
  if (!run) return run;
  if (const auto facts = json::Document::parse(frame.fields[1])) {
    run->gil_enablers = check::texts_in(facts->root(), "gil_enablers");
    run->extensions = check::texts_in(facts->root(), "extensions");
  }
  return run;
}

}  // namespace

CheckHost::CheckHost(const CommonSettings& common, const ToolsSettings& tools)
    : common_(common), tools_(tools) {}

process::CommandLine CheckHost::command(CommandOptions options) const {
  return own_command("check-lane", common_, tools_, std::move(options));
}

Result<ToolsFacts> CheckHost::open(const std::map<std::string, std::vector<std::string>>& given,
                                   Duration limit) {
  start_limit_ = limit;
  const Time deadline = std::chrono::steady_clock::now() + limit;
  auto server = process::ForkServer::start(command({"--fork"}), deadline, printed_.fd());
  if (!server) return std::unexpected(explain(server.error(), "loading the tools", limit));
  server_ = *std::move(server);
  auto child = start_first_child(deadline);
  if (!child) return std::unexpected(explain(child.error(), "loading the tools", limit));
  const std::string doing = "making arguments for the tools";
  const auto answer = (*child)->ask(FrameKind::measure, {write_question(given)}, deadline);
  if (!answer) return std::unexpected(explain(answer.error(), doing, limit));
  if (answer->kind != FrameKind::measured || answer->fields.empty()) {
    return failure(ErrorCode::bad_response, doing + ": its process gave no answer");
  }
  auto facts = read_facts(answer->fields.front());
  if (!facts) return facts;
  if (auto fitting = check_given(given, *facts); !fitting) return std::unexpected(fitting.error());
  return facts;
}

// The first one tells whether there can be forked ones.
Result<std::unique_ptr<Child>> CheckHost::start_first_child(Time deadline) {
  auto child = start_child();
  if (!child) {
    server_.reset();
    child = start_child();
  }
  if (!child) return child;
  if (auto ready = (*child)->wait_until_ready(deadline); !ready) {
    return std::unexpected(ready.error());
  }
  return child;
}

Result<std::unique_ptr<Child>> CheckHost::start_child() const {
  return server_ ? Child::fork(server_) : Child::start(command(), printed_.fd());
}

// What is wrong with the tools is told as it is; how their process ended, with what it was about.
Error CheckHost::explain(Error error, const std::string& doing, Duration limit) {
  if (error.code == ErrorCode::timed_out) {
    error.message = fmt::format("{} did not end within {:.3g} s", doing, to_seconds(limit));
    error.hint = "give more time with --budget, or look for what waits when the file is imported";
  } else if (error.code == ErrorCode::unavailable) {
    error.message = doing + ": " + error.message;
    if (const std::string words = printed_.last_words(); !words.empty()) {
      error.message += ": " + words;
    }
    error.hint = "importing the file must not end the process";
  }
  return error;
}

RunEnd CheckHost::run(const check::RunOrder& given, Duration limit) {
  const MemoryFile journal("journal");
  check::RunOrder order = given;
  if (journal.fd()) order.journal = journal.path();
  RunEnd end;
  const std::size_t printed_before = printed_.bytes();
  const auto failed = [&](const Error& error) {
    end.is_timed_out = error.code == ErrorCode::timed_out;
    end.how = error.message;
    const std::string words = end.is_timed_out ? "" : printed_.last_words(printed_before);
    if (!words.empty()) end.how += ": " + words;
    end.journal = check::read_journal(journal.tail(kJournalBytes));
    return end;
  };
  auto child = start_child();
  if (!child) return failed(child.error());
  const Time start = std::chrono::steady_clock::now();
  if (auto ready = (*child)->wait_until_ready(start + start_limit_); !ready) {
    return failed(ready.error());
  }
  const Time deadline = std::chrono::steady_clock::now() + limit;
  const auto answer = (*child)->ask(FrameKind::measure, {check::write_order(order)}, deadline);
  if (!answer) return failed(answer.error());
  auto run = read_answer(*answer);
  if (!run) return failed(run.error());
  end.run = *std::move(run);
  end.journal = check::read_journal(journal.tail(kJournalBytes));
  return end;
}

}  // namespace atonce::app
