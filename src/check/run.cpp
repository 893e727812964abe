#include "check/run.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "check/fields.h"

namespace atonce::check {
namespace {

using json::Writer;

void write_thread(Writer& writer, const ThreadOrder& thread) {
  writer.begin_array().integer(static_cast<std::int64_t>(thread.tool));
  write_texts(writer, thread.arguments);
  writer.end_array();
}

void write_threads(Writer& writer, const std::vector<ThreadOrder>& threads) {
  writer.begin_array();
  for (const ThreadOrder& thread : threads) write_thread(writer, thread);
  writer.end_array();
}

std::string describe_raised(const json::View& call) {
  const std::string error = text_in(call, "error");
  return error.empty() ? "" : text_in(call, "name") + ": " + error;
}

// ["start", thread, tool, arguments], ["end", thread] or ["fork", thread].
class JournalReader {
 public:
  void read(const json::View& line) {
    if (line.is(json::Kind::object)) {
      if (auto finding = read_finding(line)) journal_.findings.push_back(*std::move(finding));
      return;
    }
    const auto items = line.items();
    if (items.size() < 2) return;
    const auto what = items[0].as_string().value_or("");
    const std::int64_t thread = items[1].as_int64().value_or(-1);
    if (what == "start" && items.size() == 4) {
      running_[thread] = {std::string(items[2].as_string().value_or("")),
                          std::string(items[3].as_string().value_or("{}"))};
    } else if (what == "end") {
      running_.erase(thread);
    } else if (what == "fork" && running_.contains(thread)) {
      add_once(journal_.forking, running_[thread]);
    }
  }

  [[nodiscard]] Journal take() {
    for (const auto& [thread, call] : running_) add_once(journal_.running, call);
    return std::move(journal_);
  }

 private:
  static void add_once(std::vector<RunningCall>& calls, const RunningCall& call) {
    if (std::ranges::find(calls, call) == calls.end()) calls.push_back(call);
  }

  Journal journal_;
  std::map<std::int64_t, RunningCall> running_;
};

}  // namespace

std::string write_order(const RunOrder& order) {
  Writer writer;
  writer.begin_object();
  if (!order.before.empty()) write_threads(writer.key("before"), order.before);
  write_threads(writer.key("calls"), order.threads);
  writer.key("seed").integer(static_cast<std::int64_t>(order.seed));
  writer.key("perturb").boolean(order.perturbs);
  write_waits(writer.key("delay_sites"), order.delays);
  writer.key("limit_seconds").number(to_seconds(order.overlap_limit));
  if (!order.journal.empty()) writer.key("journal").string(order.journal);
  writer.end_object();
  return writer.take();
}

void write_waits(Writer& writer, const std::vector<Wait>& waits) {
  writer.begin_array();
  for (const auto& [place, element] : waits) {
    writer.begin_array().string(place.file).integer(place.line);
    if (!element.empty()) writer.string(element);
    writer.end_array();
  }
  writer.end_array();
}

Result<Run> read_run(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document || !document->root().is(json::Kind::object)) {
    return failure(ErrorCode::bad_response, "a run gave an answer that is no JSON object");
  }
  const json::View root = document->root();
  if (const std::string error = text_in(root, "error"); !error.empty()) {
    return failure(ErrorCode::bad_response, error);
  }
  Run run{.overlapped = static_cast<std::size_t>(number_in(root, "overlapped"))};
  if (const auto array = root.find("findings")) {
    auto findings = read_findings(*array);
    if (!findings) return std::unexpected(findings.error());
    run.findings = *std::move(findings);
  }
  const std::vector<std::string> slow = texts_in(root, "slow");
  run.slow.insert(slow.begin(), slow.end());
  if (const auto calls = root.find("calls")) {
    for (const json::View& call : calls->items()) {
      if (std::string raised = describe_raised(call); !raised.empty()) {
        run.raised.push_back(std::move(raised));
      }
    }
  }
  return run;
}

Journal read_journal(std::string_view text) {
  JournalReader reader;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    if (const auto line = json::Document::parse(text.substr(0, end))) reader.read(line->root());
    text.remove_prefix(end + 1);
  }
  return reader.take();
}

}  // namespace atonce::check
