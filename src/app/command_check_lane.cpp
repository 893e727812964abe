// atonce check-lane: a process in which `atonce check` runs tools. Not for people.

#include <unistd.h>

#include "app/commands.h"
#include "app/report.h"
#include "app/tools_host.h"
#include "base/json.h"
#include "check/fields.h"
#include "process/fork_loop.h"
#include "process/frame.h"
#include "process/lane_server.h"
#include "python/check.h"
#include "python/forked.h"
#include "python/probe.h"

namespace atonce::app {
namespace {

using json::Writer;
using process::FrameKind;

int refuse(const Error& error) {
  process::report_failure(process::kSocket, error);
  return kNotDone;
}

std::string write_error(const Error& error) {
  Writer writer;
  writer.begin_object().key("error").string(error.message).end_object();
  return writer.take();
}

// Answers the orders of the process that checks. docs/formats/lane.md has the JSON.
class CheckLane final {
 public:
  CheckLane(const python::Interpreter& interpreter, const python::Toolset& toolset)
      : interpreter_(interpreter), toolset_(toolset), probe_(interpreter, toolset) {
    python::prepare_check_rounds(interpreter);
  }

  [[noreturn]] void serve(int socket) {
    if (process::report_ready(socket)) answer_all(socket);
    _exit(kFine);  // nothing here is worth an orderly end
  }

 private:
  void answer_all(int socket) {
    for (;;) {
      const auto frame = process::read_frame(socket);
      if (!frame || frame->kind != FrameKind::measure || frame->fields.size() != 1) return;
      const std::string answer = obey(frame->fields.front());
      if (!process::write_frame(socket, FrameKind::measured, {answer, facts()})) return;
    }
  }

  [[nodiscard]] std::string obey(const std::string& text) {
    const auto document = json::Document::parse(text);
    const auto question = document ? document->root().find("describe") : std::nullopt;
    if (question) return describe(*question);
    const auto answer = python::run_check_round(interpreter_, toolset_, text);
    return answer ? *answer : write_error(answer.error());
  }

  [[nodiscard]] std::string describe(const json::View& question) const {
    const auto count = static_cast<std::size_t>(check::number_in(question, "count"));
    const auto given = question.find("given");
    Writer writer;
    writer.begin_object();
    write_facts(writer);
    check::write_texts(writer.key("warnings"),
                       {toolset_.warnings().begin(), toolset_.warnings().end()});
    writer.key("tools").begin_array();
    for (std::size_t tool = 0; tool < toolset_.specs().size(); ++tool) {
      const std::string& name = toolset_.specs()[tool].name;
      describe_tool(writer, tool, count,
                    given ? check::texts_in(*given, name) : std::vector<std::string>{});
    }
    writer.end_array().end_object();
    return writer.take();
  }

  void describe_tool(Writer& writer, std::size_t tool, std::size_t count,
                     const std::vector<std::string>& given) const {
    const call::ToolSpec& spec = toolset_.specs()[tool];
    const call::Policy& policy = spec.policy;
    const auto most = static_cast<std::int64_t>(policy.max_concurrency.value_or(0));
    writer.begin_object().key("name").string(spec.name);
    writer.key("is_destructive").boolean(policy.is_destructive);
    writer.key("is_isolated").boolean(policy.isolation == call::Isolation::process);
    writer.key("serial_group").string(policy.serial_group).key("max_concurrency").integer(most);
    const auto arguments = python::make_check_arguments(interpreter_, toolset_, tool, count, given);
    check::write_texts(writer.key("arguments"),
                       arguments ? *arguments : std::vector<std::string>{});
    writer.key("trouble").string(arguments ? "" : arguments.error().message).end_object();
  }

  void write_facts(Writer& writer) const {
    check::write_texts(writer.key("gil_enablers"), probe_.gil_enablers());
    check::write_texts(writer.key("extensions"), python::extension_modules(interpreter_));
  }

  [[nodiscard]] std::string facts() const {
    Writer writer;
    writer.begin_object();
    write_facts(writer);
    writer.end_object();
    return writer.take();
  }

  const python::Interpreter& interpreter_;
  const python::Toolset& toolset_;
  const python::Probe probe_;
};

int serve(const ToolsSettings& tools, bool is_forking, Shell& shell) {
  const Places places = find_places();
  auto options = load_options(shell.common, tools, places);
  if (!options) return refuse(options.error());
  options->is_checked = true;
  auto interpreter = python::Interpreter::start(interpreter_options(shell.common, places));
  if (!interpreter) return refuse(interpreter.error());
  auto toolset = python::Toolset::load(**interpreter, *options);
  python::end_forked_child(call::Returned{});  // a copy that the file made of this process
  if (!is_forking) shell.interrupts.claim();
  if (!toolset) return refuse(toolset.error());
  CheckLane lane(**interpreter, **toolset);
  if (!is_forking) lane.serve(process::kSocket);
  process::serve_forks(process::kSocket,
                       {.fork = [&] { return python::fork_with_python(**interpreter); },
                        .serve_calls = [&](int socket) { lane.serve(socket); }});
  _exit(kFine);
}

}  // namespace

void add_check_lane(CLI::App& app, Command& chosen) {
  add_child(app, chosen, "check-lane", "run tools for the program that started this", serve);
}

}  // namespace atonce::app
